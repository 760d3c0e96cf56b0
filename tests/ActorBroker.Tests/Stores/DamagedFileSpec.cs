using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorBroker.Tests.Stores;

/// <summary>A SQLite file in which a byte has changed somewhere, or whose end is gone: that is said, or it does no harm.</summary>
public sealed class DamagedFileSpec(ITestOutputHelper output) : SqliteSpec
{
    private const int SchemaPage = 16384; // the first: whatever changes there, SQLite refuses
    private const int Messages = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] All = [.. Enumerable.Range(0, Messages).Select(i => $"message {i}")];

    /// <summary>Of the bytes that are used, and there are some thousands, how many are tried: 0 for each.</summary>
    private static int Wanted { get; } = Environment.GetEnvironmentVariable("ACTORBROKER_DAMAGED_BYTES") is { } set ? int.Parse(set, CultureInfo.InvariantCulture) : 24;

    [Fact]
    public async Task A_changed_byte_is_told_or_harmless()
    {
        var (file, mark) = await Fill();
        var used = Enumerable.Range(SchemaPage, file.Length - SchemaPage).Where(i => file[i] != 0).ToArray(); // few are
        var random = new Random(7);
        random.Shuffle(used);
        var changes = used.Take(Wanted == 0 ? used.Length : Wanted).Select(at => (At: at, Bit: 1 << random.Next(8)));
        var outcomes = new ConcurrentBag<string>();
        var silent = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(changes, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (change, _) =>
        {
            var damaged = (byte[])file.Clone();
            damaged[change.At] ^= (byte)change.Bit;
            try
            {
                outcomes.Add(await Outcome(damaged, mark));
            }
            catch (Exception e) when (e is XunitException or TimeoutException)
            {
                silent.Enqueue($"byte {change.At} of {file.Length}, bit {change.Bit}: {e.Message}");
            }
        });

        output.WriteLine(string.Join(", ", outcomes.CountBy(o => o)));
        Assert.Empty(silent);
        Assert.True(outcomes.Distinct().Count() > 1, string.Join(", ", outcomes)); // else the sample says nothing
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(16384)]
    [InlineData(40000)]
    [InlineData(-16384)]
    [InlineData(-1)]
    public async Task A_file_that_is_cut_off_is_told(int length)
    {
        var (file, mark) = await Fill();
        var outcome = await Outcome(file[..(length < 0 ? file.Length + length : length)], mark);
        Assert.NotEqual("harmless", outcome);
    }

    /// <summary>Starts a broker on these files.</summary>
    private async Task<string> Outcome(byte[] file, byte[] mark)
    {
        var directory = Directory.CreateDirectory(Path.Combine(DataDirectory, $"{Guid.NewGuid():N}")).FullName;
        File.WriteAllBytes(Path.Combine(directory, SqliteDatabase.FileName), file);
        File.WriteAllBytes(Path.Combine(directory, StoreMark.FileName), mark);
        var errors = new Errors();
        ActorSystem? system = null;
        try
        {
            system = BrokerSystem.Create("damaged", ConfigurationFactory.ParseString($"""
                akka.loglevel = ERROR
                akka.stdout-loglevel = OFF
                akka.loggers = []
                actor-broker.data-dir = "{directory}"
                """));
            system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(errors))), typeof(Error));
            var broker = await Broker.StartAsync(system).WaitAsync(Patience);
            var got = new List<string>();
            while (await broker.Client.GetAsync("q", autoAck: true).WaitAsync(Patience) is { } delivery)
            {
                got.Add(delivery.Text);
            }

            Assert.True(got.All(All.Contains), $"got {string.Join(", ", got)}");
            Assert.True(got.SequenceEqual(All) || await errors.Any(system), $"got {string.Join(", ", got)}, and nothing was said");
            return got.SequenceEqual(All) ? "harmless" : "the rest is served";
        }
        catch (IOException refusal)
        {
            Assert.NotEmpty(refusal.Message);
            return "no start";
        }
        catch (Amqp.AmqpException refusal)
        {
            Assert.True(await errors.Any(system!), $"{refusal.Message}, and nothing was said");
            return "no queue";
        }
        finally
        {
            if (system is not null)
            {
                await system.Terminate().WaitAsync(Patience);
            }

            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<(byte[] File, byte[] Mark)> Fill()
    {
        var broker = await Broker.StartAsync(Start("actor-broker.store.queue-groups = 1")).WaitAsync(Patience);
        await broker.Client.DeclareQueueAsync("q");
        foreach (var text in All)
        {
            await broker.Client.PublishAsync("", "q", Encoding.UTF8.GetBytes(text));
        }

        await Stop(broker.System);
        Assert.False(File.Exists(DatabaseFile + "-wal"));
        return (File.ReadAllBytes(DatabaseFile), File.ReadAllBytes(Path.Combine(DataDirectory, StoreMark.FileName)));
    }

    /// <summary>What was said of errors.</summary>
    private sealed class Errors
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public void Said(string message)
        {
            if (message == nameof(Errors))
            {
                _all.TrySetResult();
            }
            else
            {
                _count++;
            }
        }

        /// <summary>Were there any until now? The listener may be behind.</summary>
        public async Task<bool> Any(ActorSystem system)
        {
            system.EventStream.Publish(new Error(null, "", typeof(Errors), nameof(Errors)));
            await _all.Task.WaitAsync(Patience);
            return _count > 0;
        }
    }

    private sealed class Listener(Errors errors) : UntypedActor
    {
        protected override void OnReceive(object message) => errors.Said($"{((Error)message).Message}");
    }
}
