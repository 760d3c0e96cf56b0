using ActorBroker.Amqp;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Publishing;
using ActorBroker.QueueGroups;
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

    private readonly QueueHandle _handle;
    private readonly IActorRef _group;
    private readonly QueueState _state;
    private readonly ResidentMemory _resident;
    private readonly long _recovered; // the last number of an earlier life
    private readonly bool _consumedBefore;
    private readonly Queue<object> _held = new();
    private readonly List<QueueProtocol.Get> _gets = [];
    private long _last;
    private long _loadedUpTo;
    private long _loadingAfter = -1;
    private long _reported;
    private bool _marked;

    public QueueLog(QueueHandle handle, IActorRef group, QueueState state, StoredContents contents, ResidentMemory resident)
    {
        _handle = handle;
        _group = group;
        _state = state;
        _resident = resident;
        _recovered = _last = contents.Last;
        _consumedBefore = _marked = contents.Consumed;
        _loadedUpTo = contents.Count > 0 ? 0 : contents.Last;
        state.ApplyRecovered(contents.Count, contents.BodyBytes);
    }

    /// <summary>Takes a whole batch that no rule looks at.</summary>
    public void EnqueueWhole(EnqueueBatch batch)
    {
        var pages = IsPaging;
        var toWrite = batch.Number(ref _last, pages);
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
            batch.IsHandedOn = true;
            _group.Tell(batch, ActorRefs.NoSender);
        }
        else
        {
            batch.Answer();
        }
    }

    /// <summary>
    /// Messages are handed out only when the log says so, since a restart must know which may have been: the first consumer or
    /// getter waits for that, and whatever comes behind it.
    /// </summary>
    /// <returns>False when the message waits; it comes again by <see cref="TakeHeld"/>.</returns>
    public bool Admit(object message)
    {
        if (_held.Count == 0 && (_marked || message is not (QueueProtocol.Subscribe or QueueProtocol.Get)))
        {
            return true;
        }

        if (message is EnqueueBatch or QueueProtocol.Survey or GroupProtocol.Loaded or GroupProtocol.Marked or QueueTimers.ExpiryDue)
        {
            return true;
        }

        if (_held.Count == 0)
        {
            _group.Tell(new GroupProtocol.Mark(_handle), ActorRefs.NoSender);
        }

        _held.Enqueue(message);
        return false;
    }

    /// <summary>Some of what waits may have been handed out in an earlier life: its mark must stay.</summary>
    public bool MayHoldDelivered => _consumedBefore && _state.Ready > 0;

    /// <summary>The log says so: what waited, in order.</summary>
    public Queue<object> TakeHeld()
    {
        _marked = true;
        var held = new Queue<object>(_held);
        _held.Clear();
        return held;
    }

    /// <summary>basic.get finds nothing in memory, and the log has more: it waits.</summary>
    public bool MustWait(QueueProtocol.Get get)
    {
        if (_state.Stored == 0 || _state.HasHead)
        {
            return false;
        }

        _gets.Add(get);
        return true;
    }

    /// <summary>Gets that waited for messages.</summary>
    public QueueProtocol.Get[] TakeGets()
    {
        QueueProtocol.Get[] gets = [.. _gets];
        _gets.Clear();
        return gets;
    }

    /// <summary>Their channel is gone.</summary>
    public void Forget(QueueProtocol.ChannelGone gone) => _gets.RemoveAll(g => Array.IndexOf(gone.Consumers, g.Holder) >= 0);

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
        foreach (var (stored, time) in loaded.Messages)
        {
            var message = stored;
            _loadedUpTo = message.Sequence;
            if (message.Sequence <= _recovered && (message.Flags & MessageFlags.Persistent) == 0)
            {
                _state.ApplyForgotten(message);
                continue;
            }

            if (_consumedBefore && message.Sequence <= _recovered)
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
            _group.Tell(new GroupProtocol.Changed(_handle, changes.Settled.ToArray(), changes.Returned.ToArray(), confirm), ActorRefs.NoSender);
            changes.Clear();
        }

        _resident.Report(ref _reported, _state.Resident);
        if (_loadingAfter < 0 && _state.Stored > 0)
        {
            _state.Window = _resident.Window;
            if (_state.WantsMore(asked: _gets.Count > 0))
            {
                _loadingAfter = _loadedUpTo;
                var some = _gets.Count > 0 || _state.ConsumerCount > 0 ? LoadBytes : GlanceBytes;
                _group.Tell(new GroupProtocol.Load(_handle, _loadedUpTo, some), ActorRefs.NoSender);
            }
        }
    }

    /// <summary>The queue is no more; its group hears of it from the topology.</summary>
    public void End()
    {
        _state.Changes.Clear();
        _resident.Report(ref _reported, 0);
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
