using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Queues;

/// <summary>
/// The durable side of one queue: numbers what must be written, tells the group what was settled, reads back what is in the log only.
/// </summary>
internal sealed class QueueLog
{
    private const int FewWaiting = 1024;
    private const long LoadBytes = 2 << 20;
    private const long GlanceBytes = 16 * 1024; // to see when the first message expires
    private static readonly TimeSpan GetPatience = TimeSpan.FromSeconds(5);

    private readonly QueueHandle _handle;
    private readonly IActorRef _group;
    private readonly QueueState _state;
    private readonly ResidentMemory _resident;
    private readonly long _recovered; // the last number of an earlier life
    private readonly long _markedBefore;
    private readonly DeliveryMark _mark;
    private readonly IActorRef _queue;
    private readonly IScheduler _scheduler;
    private readonly List<QueueProtocol.Get> _gets = [];
    private long _last;
    private long _loadedUpTo;
    private long _loadingAfter = -1;
    private long _reported;
    private ICancelable? _overdue;

    public QueueLog(QueueHandle handle, IUntypedActorContext context, QueueState state, StoredContents contents, ResidentMemory resident)
    {
        _queue = context.Self;
        _scheduler = context.System.Scheduler;
        _handle = handle;
        _group = context.Parent;
        InGroup = contents.InGroup;
        _state = state;
        _resident = resident;
        _recovered = _last = contents.Last;
        _markedBefore = contents.MarkedUpTo;
        _mark = new DeliveryMark(Math.Min(contents.MarkedUpTo, contents.Last));
        (state.LastNumber, state.HandOutUpTo) = (_last, _mark.UpTo);
        _loadedUpTo = contents.Count > 0 ? 0 : contents.Last;
        state.ApplyRecovered(contents.Count, contents.BodyBytes);
        if (contents.MarkedUpTo > _mark.UpTo)
        {
            TellMark(ticket: 0); // numbers are given again that an earlier life had marked ahead, or given out and never written
        }
    }

    /// <summary>The queue, as its group knows it.</summary>
    public BatchedQueue InGroup { get; }

    /// <summary>Takes a whole batch that no rule looks at.</summary>
    public void EnqueueWhole(EnqueueBatch batch)
    {
        var pages = IsPaging;
        var toWrite = batch.Number(ref _last, pages);
        _state.LastNumber = _last;
        batch.IsHandedOut = _state is { Ready: < FewWaiting, ConsumerCount: > 0 };
        if (pages)
        {
            _state.ApplyStored(batch.Messages);
        }
        else
        {
            MessageRun.RetainNumbered(batch.Messages);
            _state.ApplyEnqueued(batch.Messages);
            _loadedUpTo = _last;
        }

        Hand(batch, toWrite);
    }

    /// <summary>Takes one message of a batch that the queue's rules have let in.</summary>
    public void EnqueueOne(EnqueueBatch batch, int index, long now)
    {
        var pages = IsPaging;
        if (!pages && (batch.Messages[index].Flags & MessageFlags.Persistent) == 0)
        {
            _state.ApplyEnqueued(batch.Messages[index], now);
            return;
        }

        ref readonly var message = ref batch.NumberOne(index, ref _last);
        _state.LastNumber = _last;
        if (pages)
        {
            _state.ApplyStored(new ReadOnlySpan<Message>(in message));
        }
        else
        {
            message.Owner?.Retain(1);
            _loadedUpTo = _last;
            _state.ApplyEnqueued(message, now);
        }
    }

    /// <summary>A rule refused a message after all: nothing of it is written.</summary>
    public void Undo(EnqueueBatch batch, int index)
    {
        if (batch.Messages[index].Sequence != 0)
        {
            batch.Messages[index].Release();
            batch.Unnumber(index);
        }
    }

    /// <summary>The batch is through: to the group when something of it must be written.</summary>
    public void Hand(EnqueueBatch batch, int toWrite)
    {
        if (toWrite > 0)
        {
            batch.InGroup = InGroup;
            _group.Tell(batch, ActorRefs.NoSender);
        }
        else
        {
            batch.Answer();
        }
    }

    /// <summary>The log says how far messages may be handed out.</summary>
    public void Marked(GroupProtocol.Marked marked)
    {
        if (marked.Ticket == 0)
        {
            _mark.NoMore();
        }
        else
        {
            _mark.Written(marked.Ticket);
        }

        _state.HandOutUpTo = _mark.UpTo;
    }

    /// <summary>The last consumer may have left: what was marked ahead for it is taken back.</summary>
    public void ConsumersLeft()
    {
        if (_state.ConsumerCount == 0 && _gets.Count == 0 && _state.HandedUpTo is { } handed && _mark.TryLower(handed))
        {
            TellMark(ticket: 0);
        }
    }

    /// <summary>
    /// A good end, and nobody holds a message: none was handed out that did not come back, but for what an earlier life may have handed
    /// out and still waits. Else the mark stays.
    /// </summary>
    public long MarkAtRest()
    {
        if (_state is { Unacked: 0, ConsumerCount: 0 })
        {
            _mark.SetTo(_state.Ready > 0 ? Math.Min(_markedBefore, _recovered) : 0);
            _state.HandOutUpTo = _mark.UpTo;
        }

        return _mark.Asked;
    }

    /// <summary>
    /// basic.get finds nothing in memory, and the log has more; or what it finds may not leave before the log says so: it waits, and is
    /// refused when the store has not answered for some seconds.
    /// </summary>
    public bool MustWait(QueueProtocol.Get get)
    {
        if (_state.HasHead || (_state.Stored == 0 && _state.ShutAt == 0))
        {
            return false;
        }

        _gets.Add(get);
        _overdue ??= _scheduler.ScheduleTellOnceCancelable(GetPatience, _queue, GetsOverdue.Instance, ActorRefs.NoSender);
        return true;
    }

    /// <summary>Gets have waited for too long: the store does not work. Their channels are closed, everybody else goes on.</summary>
    public void RefuseGets()
    {
        _overdue = null;
        foreach (var get in TakeGets())
        {
            get.Refuse(new ChannelException(
                ReplyCode.PreconditionFailed,
                $"{_handle.Description}: the store has not answered for {GetPatience.TotalSeconds} s, and without it no message can be handed out; "
                + "try again when it works",
                (60u << 16) | 70));
        }
    }

    /// <summary>Gets that waited for messages.</summary>
    public QueueProtocol.Get[] TakeGets()
    {
        QueueProtocol.Get[] gets = [.. _gets];
        _gets.Clear();
        _overdue?.Cancel();
        _overdue = null;
        return gets;
    }

    /// <summary>Their channel is gone.</summary>
    public void Forget(QueueProtocol.ChannelGone gone) => _gets.RemoveAll(g => Array.IndexOf(gone.Consumers, g.Getter) >= 0);

    /// <summary>Messages were read back.</summary>
    /// <param name="loaded">The messages.</param>
    /// <param name="now">Milliseconds of the queue's clock.</param>
    /// <param name="unixNow">The same moment in Unix milliseconds.</param>
    /// <param name="log">Hears of messages that the log has lost.</param>
    public void Loaded(GroupProtocol.Loaded loaded, long now, long unixNow, ILoggingAdapter log)
    {
        if (loaded.After != _loadingAfter)
        {
            return; // purged meanwhile
        }

        _loadingAfter = -1;
        if (loaded.Lost is { } lost)
        {
            _state.ApplyLost(lost.Count, lost.Bytes);
        }

        foreach (var (stored, time) in loaded.Messages)
        {
            var message = stored;
            _loadedUpTo = message.Sequence;
            if (message.Sequence <= _recovered && (message.Flags & MessageFlags.Persistent) == 0)
            {
                _state.ApplyForgotten(message);
                continue;
            }

            if (message.Sequence <= Math.Min(_markedBefore, _recovered))
            {
                message.Flags |= MessageFlags.MayBeDelivered;
            }

            Load(message, now - (unixNow - time), log);
        }

        if (loaded.Messages.Count == 0 && _state.ApplyAllLoaded() is > 0 and var missing)
        {
            log.Error("{0}: {1} messages were counted that its log does not have", _handle.Description, missing);
        }
    }

    private void Load(in Message message, long enqueued, ILoggingAdapter log)
    {
        try
        {
            _state.ApplyLoaded(message, enqueued);
        }
        catch (AmqpException malformed)
        {
            log.Error(malformed, "{0}: a malformed message in its log was dropped", _handle.Description);
            _state.Changes.Settle(message.Sequence);
        }
    }

    /// <summary>queue.purge: what is in the log only goes, too.</summary>
    public void Purging()
    {
        if (_state.Stored > 0)
        {
            _state.Changes.Settle(new Core.Journal.SequenceRange(_loadedUpTo + 1, _last));
            _loadedUpTo = _last;
            _loadingAfter = -1;
        }
    }

    /// <summary>After each message: tells the group what happened, and asks for more when the head runs low.</summary>
    /// <param name="confirm">Waits until it is written, if anybody does.</param>
    public void Settled(ConfirmBatch? confirm = null)
    {
        var changes = _state.Changes;
        if (!changes.IsEmpty || confirm is not null)
        {
            _group.Tell(new GroupProtocol.Changed(InGroup, changes.Settled.ToArray(), changes.Returned.ToArray(), confirm), ActorRefs.NoSender);
            changes.Clear();
        }

        AskForMark();
        _resident.Report(ref _reported, _state.Resident);
        if (_loadingAfter < 0 && _state.Stored > 0)
        {
            _state.Window = _resident.Window;
            if (_state.WantsMore(asked: _gets.Count > 0))
            {
                _loadingAfter = _loadedUpTo;
                var some = _gets.Count > 0 || _state.ConsumerCount > 0 ? LoadBytes : GlanceBytes;
                _group.Tell(new GroupProtocol.Load(InGroup, _loadedUpTo, some), ActorRefs.NoSender);
            }
        }
    }

    /// <summary>Somebody waits for the mark, or will soon.</summary>
    private void AskForMark()
    {
        if (_handle.HasEnded || (_state.ConsumerCount == 0 && _gets.Count == 0))
        {
            return;
        }

        var shutAt = _state.ShutAt;
        if ((_state.HandedUpTo ?? shutAt - 1) is >= 0 and var handed && (shutAt > 0 || !_mark.IsFarAhead(handed)))
        {
            var room = _gets.Count + _state.RoomUpTo(DeliveryMark.MostRoom);
            if (_mark.TryAsk(handed, room > 0 ? shutAt : 0, room, _state.Unacked))
            {
                TellMark(_mark.Ticket);
            }
        }
    }

    private void TellMark(int ticket)
    {
        _state.HandOutUpTo = _mark.UpTo;
        _group.Tell(new GroupProtocol.Mark(InGroup, _mark.Asked, ticket), ActorRefs.NoSender);
    }

    /// <summary>The queue is no more; its group hears of it from the topology.</summary>
    public void End()
    {
        _state.Changes.Clear();
        _resident.Report(ref _reported, 0);
    }

    /// <summary>To the queue: those who wait for a message have waited for too long.</summary>
    internal sealed record GetsOverdue
    {
        public static readonly GetsOverdue Instance = new();
    }

    private bool IsPaging
    {
        get
        {
            _state.Window = _resident.Window;
            return _state.IsPaging;
        }
    }
}
