using System.Collections.Concurrent;
using System.Text;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Tests.Stores;

/// <summary>A SQLite file in which a byte has changed somewhere, or whose end is gone: that is said, or it does no harm.</summary>
public sealed class DamagedFileSpec : SqliteSpec
{
    private const int SchemaPage = 16384; // the first: whatever changes there, SQLite refuses
    private const int Messages = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] All = [.. Enumerable.Range(0, Messages).Select(i => $"message {i}")];

    [Fact]
    public async Task A_changed_byte_is_told_or_harmless()
    {
        var (file, mark) = await Fill();
        var used = Enumerable.Range(SchemaPage, file.Length - SchemaPage).Where(i => file[i] != 0).ToArray(); // few are
        var random = new Random(7);
        var outcomes = new Dictionary<string, int>();
        for (var i = 0; i < 24; i++)
        {
            var at = used[random.Next(used.Length)];
            var damaged = (byte[])file.Clone();
            damaged[at] ^= (byte)(1 << random.Next(8));
            var outcome = await Outcome(damaged, mark, $"byte {at}");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        Assert.True(outcomes.Count > 1, string.Join(", ", outcomes)); // else the sample says nothing
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
        var outcome = await Outcome(file[..(length < 0 ? file.Length + length : length)], mark, $"{length}");
        Assert.NotEqual("harmless", outcome);
    }

    /// <summary>Starts a broker on these files.</summary>
    private async Task<string> Outcome(byte[] file, byte[] mark, string what)
    {
        Array.ForEach(Directory.GetFiles(DataDirectory), File.Delete);
        File.WriteAllBytes(DatabaseFile, file);
        File.WriteAllBytes(Path.Combine(DataDirectory, StoreMark.FileName), mark);
        var errors = new ConcurrentQueue<string>();
        ActorSystem? system = null;
        try
        {
            system = Start("akka.loglevel = ERROR");
            var listener = errors;
            system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(listener))), typeof(Error));
            var broker = await Broker.StartAsync(system).WaitAsync(Patience);
            var got = new List<string>();
            while (await broker.Client.GetAsync("q", autoAck: true).WaitAsync(Patience) is { } delivery)
            {
                got.Add(delivery.Text);
            }

            Assert.True(got.All(All.Contains), $"{what}: got {string.Join(", ", got)}");
            Assert.True(got.SequenceEqual(All) || !errors.IsEmpty, $"{what}: got {got.Count} messages, and nothing was said");
            return got.SequenceEqual(All) ? "harmless" : "the rest is served";
        }
        catch (IOException refusal)
        {
            Assert.NotEmpty(refusal.Message);
            return "no start";
        }
        catch (Amqp.AmqpException) when (!errors.IsEmpty)
        {
            return "no queue";
        }
        finally
        {
            if (system is not null)
            {
                await Stop(system);
            }
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

    private sealed class Listener(ConcurrentQueue<string> errors) : UntypedActor
    {
        protected override void OnReceive(object message) => errors.Enqueue($"{((Error)message).Message}");
    }
}
