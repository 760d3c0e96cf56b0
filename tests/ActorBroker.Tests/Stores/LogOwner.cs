using System.Threading.Channels;
using ActorBroker.Journal;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Tests.Stores;

/// <summary>Owns one log in a test: tells it what to write, and waits for what it says.</summary>
internal sealed class LogOwner
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
    private readonly IActorRef _owner;
    private readonly IActorRef _log;

    private LogOwner(ActorSystem system, string id)
    {
        Alarms = new PublisherAlarms(() => { });
        _owner = system.ActorOf(Props.Create(typeof(Ears), _heard.Writer));
        _log = system.ActorOf(DurableLogActor.Props(id, _owner, Alarms));
    }

    /// <summary>On while the log cannot write.</summary>
    public PublisherAlarms Alarms { get; }

    /// <summary>What the log's snapshot said, or null.</summary>
    public string? State { get; private set; }

    /// <summary>The events after the snapshot.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Number of the last event.</summary>
    public long Last { get; private set; }

    /// <summary>Starts the log without waiting for anything.</summary>
    public static LogOwner Of(ActorSystem system, string id) => new(system, id);

    /// <summary>Starts the log and waits until it has told all that was written.</summary>
    public static async Task<LogOwner> Recovered(ActorSystem system, string id)
    {
        var owner = new LogOwner(system, id);
        await owner.Recovered();
        return owner;
    }

    /// <summary>Waits until the log has told all that was written.</summary>
    public async Task Recovered()
    {
        while (true)
        {
            switch (await Next("the log to recover"))
            {
                case LogProtocol.RecoveryStarted:
                    State = null;
                    Events.Clear();
                    break;
                case LogProtocol.SnapshotOffered offered:
                    State = Text(offered.State);
                    break;
                case LogProtocol.Replayed replayed:
                    Events.Add(Text(replayed.Event));
                    break;
                case LogProtocol.Recovered recovered:
                    Last = recovered.SequenceNr;
                    return;
                case var other:
                    Assert.Fail($"not expected while the log recovers: {other}");
                    break;
            }
        }
    }

    /// <summary>Hands a batch over without waiting.</summary>
    public void Send(params string[] events) => _log.Tell(new LogProtocol.Write([.. events.Select(Event)]), _owner);

    /// <summary>Waits until the last batch is committed.</summary>
    public async Task<long> Written()
    {
        Last = (await Next<LogProtocol.Written>("a batch to be written")).SequenceNr;
        return Last;
    }

    /// <summary>Writes a batch and waits until it is committed.</summary>
    public Task<long> Write(params string[] events)
    {
        Send(events);
        return Written();
    }

    /// <summary>Keeps a snapshot of all that was written.</summary>
    public async Task Snapshot(string state)
    {
        _log.Tell(new LogProtocol.SaveSnapshot(Last, Event(state)), _owner);
        Assert.Equal(Last, (await Next<LogProtocol.SnapshotSaved>("the snapshot to be saved")).SequenceNr);
    }

    /// <summary>Deletes events up to this one.</summary>
    public async Task Delete(long upTo)
    {
        _log.Tell(new LogProtocol.Delete(upTo), _owner);
        Assert.Equal(upTo, (await Next<LogProtocol.Deleted>("events to be deleted")).UpTo);
    }

    /// <summary>The next thing that the log says, of that kind.</summary>
    public async Task<T> Next<T>(string what) => Assert.IsType<T>(await Next(what));

    /// <summary>Waits until the log's alarm is on.</summary>
    public Task Blocked() => Until(() => Alarms.IsOn, "the alarm of the log");

    /// <summary>Waits for a condition.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var end = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"waited {Patience.TotalSeconds} s for {what}");
            await clock.WaitForNextTickAsync();
        }
    }

    /// <summary>True when the log has said something.</summary>
    public bool HasHeard => _heard.Reader.TryPeek(out _);

    private static StoredEvent Event(string text) => new("text", System.Text.Encoding.UTF8.GetBytes(text));

    private static string Text(StoredEvent stored)
    {
        Assert.Equal("text", stored.Manifest);
        return System.Text.Encoding.UTF8.GetString(stored.Bytes);
    }

    private async Task<object> Next(string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await _heard.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"waited {Patience.TotalSeconds} s for {what}");
        }
    }

    private sealed class Ears(ChannelWriter<object> heard) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not LogProtocol.MaintenanceFailed) // comes with every failure, whether or not something was asked for
            {
                heard.TryWrite(message);
            }
        }
    }
}
