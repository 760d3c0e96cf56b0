using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using ActorBroker.Diagnostics;
using ActorBroker.Journal;
using ActorBroker.Queues;
using ActorBroker.Stores;
using ActorBroker.Scheduling;
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
    private const int Trickle = 32; // fewer batches than this may wait for company
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly string _logId;
    private readonly IGroupHost _host;
    private readonly GroupWriter _writer;
    private readonly GroupReader _reader;
    private readonly GroupRecovery _recovery;
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private readonly Dictionary<long, GroupQueue> _queues = [];
    private readonly List<GroupQueue> _reopening = [];
    private GroupUpkeep _upkeep = null!;
    private LogIndex _index = new();
    private IActorRef _events = ActorRefs.Nobody;
    private Reply<bool>? _stopping;
    private int _notAtRest;
    private readonly ITimer _pace;
    private readonly StoreDisk? _disk;
    private readonly bool _isWatched; // who waits for rest must not meet a timer in real time
    private bool _allOpened;
    private bool _flushAsked;
    private bool _paced;

    public QueueGroupActor(int number, IGroupHost host)
    {
        _logId = $"log-{number}";
        _host = host;
        _writer = new GroupWriter(Self, host.Settings.SettleGrace);
        _reader = new GroupReader(_logId, Self, host.System);
        _recovery = new GroupRecovery(_logId);
        var self = Self;
        var store = BrokerSystem.StoreOf(host.System);
        _disk = store?.Disk;
        _isWatched = store?.Watcher is not null;
        _pace = TimeProvider.System.CreateTimer(_ => self.Tell(Flush.Instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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

    protected override void PostStop() => _pace.Dispose();

    private void Recovering(object message)
    {
        try
        {
            if (_recovery.Take(message))
            {
                _index = _recovery.Index;
                _upkeep = new GroupUpkeep(_logId, _events, Self, _host.System, _recovery.Covered);
                Become(OnReceive);
                Stash.UnstashAll();
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
                _flushAsked = _paced = false;
                Write();
                break;
            case GraceOver:
                EndGrace(Context.System.Scheduler.MonotonicClock);
                break;
            case LogProtocol.Written written:
                Written(written.SequenceNr);
                break;
            case GroupProtocol.Load load:
                Load(load);

                break;
            case GroupReader.Read read:
                _reader.Done(read, _index);
                break;
            case GroupUpkeep.Survivors survivors:
                _upkeep.Relocate(survivors, _index, _writer);
                RequestWrite();
                break;
            case LogProtocol.SnapshotSaved or LogProtocol.Deleted or LogProtocol.MaintenanceFailed:
                _upkeep.Heard(message, _index, Room);
                break;
            case GroupProtocol.Mark mark:
                _writer.Mark((GroupQueue)mark.Queue, mark);
                WriteUrgentOrSoon();
                break;
            case GroupProtocol.RoomChanged:
                _writer.HasRoom();
                _upkeep.RoomChanged(Room, _index, _writer.UnderWay is null);
                WriteUrgentOrSoon();
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
                _writer.Remove(queue);
                WriteSoon();
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
        var queue = (GroupQueue)batch.InGroup!;
        var now = Context.System.Scheduler.MonotonicClock;
        _writer.Add(queue, batch, now);
        if (queue.IsRemoved)
        {
            _writer.Remove(queue); // as good as unroutable
        }

        EndGrace(now);
    }

    /// <summary>Looked at whenever something comes; the timer is for the last ones.</summary>
    private void EndGrace(TimeSpan now)
    {
        if (_writer.EndGrace(now) && !Timers.IsTimerActive(nameof(GraceOver)))
        {
            Timers.StartSingleTimer(nameof(GraceOver), GraceOver.Instance, _host.Settings.SettleGrace);
        }

        if (_writer.IsUrgent)
        {
            RequestWrite();
        }
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
        var queue = (GroupQueue)changed.Queue;
        if (queue.IsRemoved)
        {
            changed.Confirm?.Done();
            return;
        }

        foreach (var range in changed.Settled)
        {
            _writer.Settle(queue, range);
        }

        foreach (var (sequence, count) in changed.Returned)
        {
            _writer.Return(queue, sequence, count);
        }

        if (changed.Confirm is not null)
        {
            _writer.Await(changed.Confirm);
        }

        EndGrace(Context.System.Scheduler.MonotonicClock);
        WriteSoon();
    }

    /// <summary>Behind what is in the mailbox: it goes into the same write, or is settled before and needs none.</summary>
    private void RequestWrite()
    {
        if (!_flushAsked && _writer.UnderWay is null && (!_paced || _writer.Pending >= Trickle))
        {
            _flushAsked = true;
            Self.Tell(Flush.Instance);
        }
    }

    /// <summary>Settlements wait for a write that is due anyway, at most a moment.</summary>
    private void WriteSoon()
    {
        if (_writer is { IsUrgent: false, HasAny: true, UnderWay: null } && !Timers.IsTimerActive(nameof(Flush)))
        {
            Timers.StartSingleTimer(nameof(Flush), Flush.Instance, SettleDelay);
        }
    }

    private void WriteUrgentOrSoon()
    {
        if (_writer.IsUrgent)
        {
            RequestWrite();
        }
        else
        {
            WriteSoon();
        }
    }

    private void Write()
    {
        if (_writer.Next(Context.System.Scheduler.Now.ToUnixTimeMilliseconds(), _index, Room) is { } write)
        {
            _events.Tell(new LogProtocol.Write(write.Events.ConvertAll(static e => new StoredEvent(LogEventWriter.Manifest, e))));
        }
        else if (_writer.UnderWay is null)
        {
            StoppedIfIdle();
        }
    }

    private void Written(long last)
    {
        var write = _writer.UnderWay!;
        var number = last - write.Events.Count;
        foreach (var @event in write.Events)
        {
            _index.Apply(++number, @event);
        }

        _writer.Committed();
        foreach (var mark in write.Marked)
        {
            ((GroupQueue)mark.Queue).Actor.Tell(new GroupProtocol.Marked(mark.Ticket));
        }

        ReopenWritten();
        _reader.ServeWaiting(_index);
        _upkeep.Committed(write.Events, _index, Room);
        if (_writer is { IsUrgent: true, Pending: > 0 and < Trickle } && _stopping is null && !_isWatched)
        {
            // Several publishers, each with a little: a moment's wait puts them into one write. A lone one that waits for each
            // confirm never gets here, since nothing of his can come while a write is under way.
            _paced = true;
            _pace.Change(Pace, Timeout.InfiniteTimeSpan);
        }
        else if (_writer.IsUrgent || (_stopping is not null && _writer.HasAny))
        {
            RequestWrite();
        }
        else
        {
            WriteSoon();
            StoppedIfIdle();
        }
    }

    private sealed record GraceOver
    {
        public static readonly GraceOver Instance = new();
    }

    private sealed record Flush
    {
        public static readonly Flush Instance = new();
    }
}
