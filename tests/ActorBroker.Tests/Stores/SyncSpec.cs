using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace ActorBroker.Tests.Stores;

/// <summary>What looks at the whole process runs alone: children of other tests would be traced, too.</summary>
[CollectionDefinition(nameof(SyncCollection), DisableParallelization = true)]
public sealed class SyncCollection;

/// <summary>Nothing is confirmed before the disk has it, as the kernel saw it.</summary>
[Collection(nameof(SyncCollection))]
public sealed class SyncSpec : SqliteSpec
{
    private const int Writes = 25;

    [Fact]
    public async Task Every_write_is_synced_before_it_is_confirmed()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("warm");
        var trace = Path.Combine(DataDirectory, "trace");
        var confirmed = new List<double>();
        await using (await Tracer.Attach(trace))
        {
            for (var i = 0; i < Writes; i++)
            {
                await log.Write($"{i}.a", $"{i}.b");
                confirmed.Add((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
            }
        }

        // begin, path and duration: 1700000000.123456 fdatasync(33</dir/actorbroker.db-wal>) = 0 <0.000812>
        double[] synced = [.. File.ReadLines(trace)
            .Select(l => Regex.Match(l, @"(\d+\.\d+) (?:<\.\.\. )?f(?:data)?sync.*= 0 <(\d+\.\d+)>"))
            .Where(m => m.Success)
            .Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))
            .Order()];
        Assert.InRange(synced.Length, Writes, Writes * 3);
        Assert.All(Enumerable.Range(0, Writes), i => Assert.True(
            synced.Count(s => s <= confirmed[i]) > i, $"write {i} was confirmed at {confirmed[i]}, after {synced.Count(s => s <= confirmed[i])} syncs"));
    }

    /// <summary>strace on this very process, for the syncs of the test's log file only.</summary>
    private sealed class Tracer(Process process) : IAsyncDisposable
    {
        public static async Task<Tracer> Attach(string output)
        {
            var start = new ProcessStartInfo(
                "strace",
                ["-f", "-ttt", "-T", "-y", "-e", "trace=fsync,fdatasync", "-P", Path.Combine(Path.GetDirectoryName(output)!, "actorbroker.db-wal"), "-o", output, "-p", $"{Environment.ProcessId}"])
            {
                RedirectStandardError = true,
            };
            Process process;
            try
            {
                process = Process.Start(start)!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw SkipException.ForSkip("strace is not installed");
            }

            var said = await process.StandardError.ReadLineAsync() ?? "";
            if (!said.Contains("attached", StringComparison.Ordinal))
            {
                process.Dispose();
                throw SkipException.ForSkip($"strace may not look at processes here: {said}");
            }

            _ = process.StandardError.ReadToEndAsync(); // a full pipe would stop it
            return new Tracer(process);
        }

        public async ValueTask DisposeAsync()
        {
            using (var interrupt = Process.Start("kill", ["-INT", $"{process.Id}"]))
            {
                await interrupt.WaitForExitAsync();
            }

            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            process.Dispose();
        }
    }
}
