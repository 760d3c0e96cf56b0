using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>A broker as a child process: waits for the line that says it is ready, and takes it down again.</summary>
public sealed class BrokerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly string _folder;

    private BrokerProcess(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>All that the process has written so far, for the message of a failing start.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>How the process ended, with its last output; null as long as it runs.</summary>
    public string? Fate => _process.HasExited ? $"ended with code {_process.ExitCode}. It wrote:\n{Output}" : null;

    /// <summary>A new, empty folder for the data of one broker; removed with the process.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("conformance-").FullName;

    /// <summary>A port of 127.0.0.1 that nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the program; returns once <paramref name="isReady"/> holds for a line that it wrote.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready within 90 seconds.</exception>
    public static async Task<BrokerProcess> Start(ProcessStartInfo start, string folder, Predicate<string> isReady)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var broker = new BrokerProcess(process, folder);
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        void Read(string? line)
        {
            if (line is null)
            {
                return;
            }

            broker._output.Enqueue(line);
            if (isReady(line))
            {
                ready.TrySetResult(true);
            }
        }

        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.Exited += (_, _) => ready.TrySetResult(false);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        var inTime = await Task.WhenAny(ready.Task, Task.Delay(StartLimit)) == ready.Task;
        if (inTime && await ready.Task)
        {
            return broker;
        }

        var fate = inTime ? "ended" : $"was not ready after {StartLimit.TotalSeconds} s";
        var output = broker.Output;
        await broker.DisposeAsync();
        throw new InvalidOperationException(
            $"{start.FileName} {string.Join(' ', start.ArgumentList)} {fate}. It wrote:\n{output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A child may still be writing its last log line; the folder is under the temp folder anyway.
        }
    }
}
