using ActorBroker.Diagnostics;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Journal;

/// <summary>
/// A log that its owner may rely on: every write is committed exactly once and in order, however often the store fails meanwhile.
/// After a failure the persistent actor is started again with back-off; how far the log goes then tells whether the write that was
/// under way has been committed, and if not it is written again, byte for byte the same.
/// </summary>
/// <remarks>
/// Life: told <see cref="LogProtocol.RecoveryStarted"/>, the log's content and <see cref="LogProtocol.Recovered"/>, the owner may
/// write. While the store does not answer, <see cref="PublisherAlarms"/> hold publishers back; the owner just waits.
/// Ends by <see cref="LogProtocol.Fenced"/> when the log has grown by what is not ours, by <see cref="LogProtocol.Damaged"/> when it
/// lacks what is ours.
/// </remarks>
internal sealed class DurableLogActor : UntypedActor, IWithTimers
{
    private const int FirstReads = 6; // attempts at the start, some seconds; later ones have no end
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SlowWrite = TimeSpan.FromSeconds(5);

    private readonly string _id;
    private readonly IActorRef _owner;
    private readonly PublisherAlarms _alarms;
    private readonly BrokerStore? _store = BrokerSystem.StoreOf(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private IActorRef _child = ActorRefs.Nobody;
    private bool _childReady;
    private bool _recovered; // the owner has heard all
    private bool _inTrouble;
    private bool _checking;
    private long _last;
    private LogProtocol.Write? _inFlight;
    private DateTimeOffset _sentAt;
    private TimeSpan _pause = FirstPause;
    private int _starts;

    public DurableLogActor(string id, IActorRef owner, PublisherAlarms alarms)
    {
        _id = id;
        _owner = owner;
        _alarms = alarms;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string id, IActorRef owner, PublisherAlarms alarms) =>
        Akka.Actor.Props.Create(typeof(DurableLogActor), id, owner, alarms);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        StartChild();
    }

    protected override void PostStop() => _alarms.Clear(this);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LogProtocol.Write write:
                _inFlight = write;
                StartChecks();
                Send();
                break;
            case LogProtocol.Written written when Sender.Equals(_child):
                Committed(written.SequenceNr);
                break;
            case LogProtocol.SaveSnapshot or LogProtocol.Delete when !_childReady:
                _owner.Tell(LogProtocol.MaintenanceFailed.Instance);
                break;
            case LogProtocol.SaveSnapshot or LogProtocol.Delete:
                _child.Tell(message);
                break;
            case LogProtocol.Recovered recovered when Sender.Equals(_child):
                Recovered(recovered);
                break;
            case Found found when Sender.Equals(_child):
                Compare(found);
                break;
            case Unread unread when Sender.Equals(_child):
                Trouble("what was written last cannot be read", unread.Cause);
                Context.Stop(_child); // and once more, after a pause
                break;
            case LogProtocol.SnapshotOffered or LogProtocol.Replayed or LogProtocol.SnapshotSaved or LogProtocol.Deleted
                or LogProtocol.MaintenanceFailed when Sender.Equals(_child):
                _owner.Tell(message);
                break;
            case EventLogActor.Failure { Cause: LogDamagedException damage } when Sender.Equals(_child):
                End(new LogProtocol.Damaged($"log {_id}: {damage.Message}. It is not served. Restore a backup."), "the store is damaged");
                break;
            case EventLogActor.Failure failure when Sender.Equals(_child) && !_recovered && _starts >= FirstReads:
                End(
                    new LogProtocol.Unreadable($"log {_id}: {failure.What}, {FirstReads} times: {failure.Cause.GetBaseException().Message}"),
                    "the store cannot be read");
                break;
            case EventLogActor.Failure failure when Sender.Equals(_child):
                _store?.Disk?.WriteFailed(failure.Cause);
                Trouble(failure.What, failure.Cause);
                break;
            case Terminated gone when gone.ActorRef.Equals(_child):
                ChildGone();
                break;
            case Restart:
                StartChild();
                break;
            case Check when _inFlight is null:
                Timers.Cancel(nameof(Check));
                _checking = false;
                break;
            case Check when _childReady && Now - _sentAt > SlowWrite:
                Trouble("the store does not answer to a write", null);
                break;
        }
    }

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    private void StartChild()
    {
        if (!_recovered)
        {
            _owner.Tell(LogProtocol.RecoveryStarted.Instance);
        }

        _child = Context.ActorOf(EventLogActor.Props(_id, replay: !_recovered), $"{++_starts}");
        Context.Watch(_child);
    }

    /// <summary>Once a second until nothing is under way: an idle log costs nothing.</summary>
    private void StartChecks()
    {
        if (!_checking)
        {
            _checking = true;
            Timers.StartPeriodicTimer(nameof(Check), Check.Instance, TimeSpan.FromSeconds(1));
        }
    }

    private void Send()
    {
        if (_childReady)
        {
            _sentAt = Now;
            _child.Tell(_inFlight!);
        }
    }

    private void Recovered(LogProtocol.Recovered recovered)
    {
        _childReady = true;
        if (!_recovered)
        {
            _recovered = true;
            _last = recovered.SequenceNr;
            Healthy();
            _owner.Tell(recovered);
            return;
        }

        if (_inFlight is { } write && recovered.SequenceNr == _last + write.Events.Count)
        {
            _childReady = false; // all of it or nothing, since a write is one transaction; if it is ours
            var child = _child;
            LogReader.For(Context.System).Read(_id, _last + 1, recovered.SequenceNr).PipeTo(
                Self,
                child,
                events => new Found(recovered.SequenceNr, events),
                fault => new Unread(fault));
        }
        else if (recovered.SequenceNr != _last)
        {
            Fence(recovered.SequenceNr);
        }
        else if (_inFlight is not null)
        {
            Send();
        }
        else
        {
            Healthy();
        }
    }

    private void Compare(Found found)
    {
        var ours = _inFlight?.Events ?? [];
        if (found.Events.Count == ours.Count && found.Events.Select(e => e.Event).Zip(ours).All(p => p.Item1.Bytes.AsSpan().SequenceEqual(p.Item2.Bytes)))
        {
            _childReady = true;
            Committed(found.SequenceNr);
        }
        else
        {
            Fence(found.SequenceNr);
        }
    }

    private void Committed(long sequenceNr)
    {
        if (_inFlight is not { } write || sequenceNr != _last + write.Events.Count)
        {
            Fence(sequenceNr);
            return;
        }

        _last = sequenceNr;
        _inFlight = null;
        Healthy();
        _owner.Tell(new LogProtocol.Written(sequenceNr));
    }

    private void ChildGone()
    {
        _childReady = false;
        if (!_inTrouble)
        {
            Trouble("its actor ended", null);
        }

        _owner.Tell(LogProtocol.MaintenanceFailed.Instance);
        Timers.StartSingleTimer(nameof(Restart), Restart.Instance, _pause);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
    }

    private void Trouble(string what, Exception? cause)
    {
        if (!_inTrouble)
        {
            _inTrouble = true;
            _alarms.Raise(this, "the store does not take messages");
            _log.Error(
                _store?.Disk?.IsFullDisk(cause) == true ? null : cause, // what is full says enough
                "log {0}: {1} ({2}). Nothing that was confirmed is lost. Publishers are blocked; the broker tries again until the store "
                + "takes the write. Look for a full disk, a lock on the database, or a database that is down.",
                _id,
                what,
                cause?.GetBaseException().Message ?? "no error was reported");
        }
    }

    private void Healthy()
    {
        _pause = FirstPause;
        if (_inTrouble)
        {
            _inTrouble = false;
            _alarms.Clear(this);
            _log.Warning("log {0}: the store works again", _id);
        }
    }

    private void Fence(long sequenceNr)
    {
        var reason = $"log {_id} goes to {sequenceNr}, and only {_last} was written here: another process uses this store. "
            + "Stop one of them; this one writes no more to this log.";
        End(new LogProtocol.Fenced(reason), "the store is used by another process");
    }

    /// <summary>The last thing that the owner hears.</summary>
    private void End(LogProtocol.Ended end, string alarm)
    {
        _log.Error(end.Reason);
        _alarms.Raise(this, alarm);
        _owner.Tell(end);
        Become(_ => { });
        Context.Stop(_child);
    }

    /// <summary>What the log holds where the write under way belongs.</summary>
    private sealed record Found(long SequenceNr, IReadOnlyList<(long SequenceNr, StoredEvent Event)> Events) : INoSerializationVerificationNeeded;

    /// <summary>That cannot be read now.</summary>
    private sealed record Unread(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record Restart
    {
        public static readonly Restart Instance = new();
    }

    private sealed record Check
    {
        public static readonly Check Instance = new();
    }
}
