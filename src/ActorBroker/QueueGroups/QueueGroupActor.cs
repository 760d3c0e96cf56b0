using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Diagnostics;
using ActorBroker.Journal;
using ActorBroker.Queues;
using ActorBroker.Scheduling;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.QueueGroups;

/// <summary>
/// A group of durable queues: parent of their actors and owner of their one log. While a write is under way the next one gathers,
/// across all queues; publishers are answered when theirs is committed and synced.
/// </summary>
/// <remarks>
/// Life: reads its log before it opens any queue. While the store fails it waits, with all it knows: <see cref="DurableLogActor"/>
/// tries again. Fenced, it refuses every publish.
/// </remarks>
internal sealed partial class QueueGroupActor : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private readonly string _logId;
    private readonly IGroupHost _host;
    private readonly LogBatcher _batcher;
    private readonly WritePace _pace;
    private readonly IMoments _moments;
    private readonly GroupReader _reader;
    private readonly GroupRecovery _recovery;
    private readonly GroupDamage _damage;
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private readonly Dictionary<long, GroupQueue> _queues = [];
    private readonly List<GroupQueue> _reopening = [];
    private GroupUpkeep _upkeep = null!;
    private LogIndex _index = new();
    private IActorRef _events = ActorRefs.Nobody;
    private Reply<bool>? _stopping;
    private int _notAtRest;
    private readonly StoreDisk? _disk;
    private TimeSpan? _graceEnds; // what a moment was asked for
    private TimeSpan _wroteAt;
    private bool _allOpened;

    public QueueGroupActor(int number, IGroupHost host)
    {
        _logId = $"log-{number}";
        _host = host;
        _batcher = new LogBatcher(host.Settings.SettleGrace, new LogPlaces(_logId));
        _pace = new WritePace(_batcher);
        _moments = SystemMoments.For(host.System);
        _reader = new GroupReader(_logId, Self, host.System);
        _recovery = new GroupRecovery(_logId);
        _damage = new GroupDamage(_logId, Self, host.System);
        _disk = BrokerSystem.StoreOf(host.System)?.Disk;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    public static Props Props(int number, IGroupHost host) =>
        Akka.Actor.Props.Create(typeof(QueueGroupActor), number, host).WithDispatcher(Dispatchers.Hot);

    /// <summary>A fault in one message must not cost a queue its state.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(QueueActor.OnFault);

    protected override void PreStart()
    {
        _events = Context.ActorOf(DurableLogActor.Props(_logId, Self, _host.Alarms), "log");
        Become(Recovering);
    }

    private void Recovering(object message)
    {
        try
        {
            if (message is GroupDamage.IsSetAside aside)
            {
                GoOnWithout(aside);
            }
            else if (_recovery.Take(message))
            {
                Recovered();
            }
            else if (!GroupRecovery.IsMine(message))
            {
                Stash.Stash();
            }
        }
        catch (Exception fault)
        {
            _log.Error(fault, "{0} cannot be read; the broker does not start, and nothing was changed", _logId);
            _host.StartFailed(fault);
            Become(_ => { });
        }
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
            _batcher.Answers.Tell();
        }
        catch (Exception fault)
        {
            _log.Error(
                fault, "{0}: {1} failed. The group stops so that nothing is confirmed wrongly; restart the broker, which reads its log anew", _logId, message.GetType().Name);
            _host.Alarms.Raise(this, "a queue group has failed");
            End(fault.Message);
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case EnqueueBatch batch:
                Enqueue(batch);
                break;
            case GroupProtocol.Changed changed:
                Changed(changed);
                break;
            case Flush:
            case PauseOver when _pace.EndPause():
                Write();
                break;
            case PauseOver:
                break;
            case GraceOver over:
                GraceIsOver(over.Due);
                break;
            case LogProtocol.Written written:
                Written(written.SequenceNr);
                break;
            case GroupProtocol.Load load:
                Load(load);

                break;
            case GroupReader.Read read:
                _reader.Done(read, _index, _damage);
                break;
            case GroupDamage.IsSetAside aside:
                TakeOut(aside);
                break;
            case GroupUpkeep.Survivors survivors:
                _upkeep.Relocate(survivors, _index, _batcher);
                Plan(_pace.Next());
                break;
            case LogProtocol.SnapshotSaved or LogProtocol.Deleted or LogProtocol.MaintenanceFailed:
                _upkeep.Heard(message, _index, Room);
                break;
            case GroupProtocol.Mark mark:
                _batcher.Mark(mark.Queue, mark.UpTo, mark.Ticket);
                Plan(_pace.Next());
                break;
            case GroupProtocol.RoomChanged:
                _batcher.HasRoom();
                _upkeep.RoomChanged(Room, _index, _batcher.UnderWay is null);
                Plan(_pace.Next());
                break;
            case GroupProtocol.Open open:
                Open(open);
                break;
            case GroupProtocol.Reopen reopen:
                Reopen((GroupQueue)reopen.Queue);
                break;
            case GroupProtocol.AllOpened:
                AllOpened();
                break;
            case GroupProtocol.Remove remove when _queues.Remove(remove.Queue.Definition.Uid, out var queue):
                _reopening.Remove(queue);
                _batcher.Remove(queue);
                Plan(_pace.Next());
                break;
            case GroupProtocol.Stop stop:
                Stop(stop.Reply);
                break;
            case GroupProtocol.AtRest rest:
                AtRest(rest);
                break;
            case LogProtocol.Ended ended:
                End(ended.Reason);
                break;
            case GroupReader.Retry retry:
                _reader.Serve(retry.Queue, _index);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private WriteRoom Room => _disk switch
    {
        { IsFull: true } => WriteRoom.None,
        { IsShort: true } => WriteRoom.Short,
        _ => WriteRoom.Plenty,
    };

    private void Enqueue(EnqueueBatch batch)
    {
        var now = Context.System.Scheduler.MonotonicClock;
        _batcher.Add(batch, now);
        EndGrace(now);
        Plan(_pace.Next());
    }

    private void Load(GroupProtocol.Load load)
    {
        var queue = (GroupQueue)load.Queue;
        queue.Wanted = load;
        if (_allOpened)
        {
            _reader.Serve(queue, _index);
        }
    }

    private void Changed(GroupProtocol.Changed changed)
    {
        var queue = changed.Queue;
        foreach (var range in changed.Settled)
        {
            _batcher.Settle(queue, range);
        }

        foreach (var (sequence, count) in changed.Returned)
        {
            _batcher.Return(queue, sequence, count);
        }

        if (changed.Confirm is not null)
        {
            _batcher.Await(queue, changed.Confirm);
        }

        EndGrace(Context.System.Scheduler.MonotonicClock);
        Plan(_pace.Next());
    }

    /// <summary>Looked at whenever something comes; a moment is asked for on behalf of the last ones.</summary>
    private void EndGrace(TimeSpan now)
    {
        _batcher.EndGrace(now);
        if (_batcher.GraceEnds is { } due && (_graceEnds is not { } asked || due < asked))
        {
            _graceEnds = due;
            _moments.TellAfter(due - now, Self, new GraceOver(due));
        }
    }

    private void GraceIsOver(TimeSpan due)
    {
        if (_graceEnds == due)
        {
            _graceEnds = null;
        }

        var now = Context.System.Scheduler.MonotonicClock;
        EndGrace(now > due ? now : due);
        Plan(_pace.Next());
        if (_batcher.UnderWay is null)
        {
            StoppedIfIdle(); // what was graced may have been all that a stop waited for
        }
    }

    private void Plan(WriteTime time)
    {
        switch (time)
        {
            case WriteTime.Now:
                Self.Tell(Flush.Instance);
                break;
            case WriteTime.AfterPause:
                _moments.TellAfter(WritePace.Pause, Self, PauseOver.Instance);
                break;
            case WriteTime.Later when !Timers.IsTimerActive(nameof(Flush)):
                Timers.StartSingleTimer(nameof(Flush), Flush.Instance, WritePace.Leisure);
                break;
        }
    }

    private void Write()
    {
        _pace.Begin();
        if (_batcher.Next(Context.System.Scheduler.Now.ToUnixTimeMilliseconds(), _index, Room) is { } write)
        {
            _wroteAt = Context.System.Scheduler.MonotonicClock;
            _events.Tell(new LogProtocol.Write(write.Events.ConvertAll(static e => new StoredEvent(LogEventFormat.Manifest, e))));
        }
        else if (_batcher.UnderWay is null)
        {
            StoppedIfIdle();
        }
    }

    private void Written(long last)
    {
        var write = _batcher.UnderWay!;
        var number = last - write.Events.Count;
        foreach (var @event in write.Events)
        {
            _index.Apply(++number, @event);
        }

        _batcher.Committed(Context.System.Scheduler.MonotonicClock - _wroteAt);
        _batcher.Answers.Tell();
        foreach (var (queue, ticket) in write.Marked)
        {
            ((GroupQueue)queue).Actor.Tell(new GroupProtocol.Marked(ticket));
        }

        ReopenWritten();
        _reader.ServeWaiting(_index);
        _upkeep.Committed(write.Events, _index, Room);
        var next = _pace.Committed(isEnding: _stopping is not null);
        Plan(next);
        if (next is WriteTime.AsPlanned or WriteTime.Later)
        {
            StoppedIfIdle();
        }
    }

    private sealed record GraceOver(TimeSpan Due) : INoSerializationVerificationNeeded;

    private sealed record PauseOver : IDeadLetterSuppression
    {
        public static readonly PauseOver Instance = new();
    }

    private sealed record Flush
    {
        public static readonly Flush Instance = new();
    }
}
