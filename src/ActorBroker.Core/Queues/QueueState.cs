using ActorBroker.Amqp;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>
/// A queue as pure rules: what waits, who consumes, who holds what unacked. The shell asks first (<c>Decide…</c>), writes what must
/// survive, then applies; a decision is applied whole, then one <see cref="Deliver"/> round runs.
/// </summary>
/// <remarks>
/// Mutable inside and batch by batch: nothing is allocated per message. No clock: <c>now</c> comes in, in milliseconds.
/// Order: per publisher first in, first out; what comes back goes to its old place; higher priorities first.
/// </remarks>
internal sealed partial class QueueState
{
    private readonly QueueLimits _limits;
    private readonly ReadyMessages _ready;
    private readonly ConsumerRotation _rotation;
    private readonly ExpiryQueue _expiries;
    private readonly List<QueueConsumer> _held = [];
    private readonly Queue<Leaving> _leaving = new();
    private readonly List<QueueConsumer> _predecessors = []; // of the single active consumer, while they hold messages
    private readonly HashSet<QueueConsumer> _others = []; // that hold messages: cancelled ones, and those of basic.get
    private int _stored; // messages at the tail that are in the log only
    private int _recovered; // of these, from an earlier life
    private long _storedBytes;

    /// <summary>An empty queue.</summary>
    public QueueState(QueueLimits limits)
    {
        _limits = limits;
        _ready = new ReadyMessages(limits.MaxPriority);
        _rotation = new ConsumerRotation(limits.SingleActiveConsumer);
        _expiries = new ExpiryQueue(_ready);
    }

    /// <summary>Messages that wait for a consumer (<c>messages_ready</c>).</summary>
    public int Ready => _ready.Count + _stored;

    /// <summary>Bytes of their bodies.</summary>
    public long ReadyBytes => _ready.Bytes + _storedBytes;

    /// <summary>What the shell must write of what was applied.</summary>
    public QueueChanges Changes { get; } = new();

    /// <summary>Messages handed out and not settled (<c>messages_unacknowledged</c>).</summary>
    public int Unacked { get; private set; }

    /// <summary>Bytes of their bodies.</summary>
    public long UnackedBytes { get; private set; }

    /// <summary>Consumers that are neither cancelled nor gone.</summary>
    public int ConsumerCount => _rotation.Count;

    /// <summary>The same, in the order in which they came.</summary>
    public IReadOnlyList<QueueConsumer> Consumers => _rotation.All;

    /// <summary>Had a consumer at any time: an auto-delete queue goes when the last one is gone, not before the first.</summary>
    public bool WasConsumed { get; private set; }

    /// <summary>False when messages must be enqueued one at a time, since each may be refused, expire or push another one out.</summary>
    public bool TakesWholeBatches =>
        _limits is { MaxLength: null, MaxBytes: null, MessageTtl: null, MaxPriority: 0 };

    /// <summary>Would the queue take one message more?</summary>
    /// <returns>False: refused, the publisher gets a nack (reject-publish).</returns>
    public bool DecideEnqueue(in Message message) =>
        _limits.Overflow == QueueOverflow.DropHead || !IsFullFor(message.BodyLength);

    /// <summary>Refuses a message; with reject-publish-dlx it leaves by dead-lettering, else its reference is returned.</summary>
    public void ApplyRefused(in Message message)
    {
        if (_limits.Overflow == QueueOverflow.RejectPublishDeadLetter)
        {
            _leaving.Enqueue(new Leaving(message, LeaveReason.MaxLength));
        }
        else
        {
            message.Release();
        }
    }

    /// <summary>Appends a batch; only when <see cref="TakesWholeBatches"/> and none has an expiration of its own.</summary>
    /// <param name="messages">Their references move to the queue.</param>
    public void ApplyEnqueued(ReadOnlySpan<Message> messages) => _ready.Append(messages);

    /// <summary>Appends one message with everything that limits, priority and time to live ask for.</summary>
    public void ApplyEnqueued(Message message, long now)
    {
        message.Priority = (byte)Math.Min(message.Priority, _limits.MaxPriority);
        var expiresAt = ExpiryOf(message, now);
        var position = _ready.Append(message, expiresAt);
        if (expiresAt != 0)
        {
            _expiries.Add(message.Priority, position, expiresAt);
        }
    }

    /// <summary>May this consumer join? Throws when not.</summary>
    /// <param name="consumer">The one that asks.</param>
    /// <param name="refusal">The reply text's subject: <c>queue 'q' in vhost '/'</c>.</param>
    /// <exception cref="ChannelException">
    /// 403 ACCESS_REFUSED, closes the channel: one is exclusive, or this one wants to be and is not the first, or the queue has a
    /// single active consumer anyway.
    /// </exception>
    public void DecideSubscribe(QueueConsumer consumer, string refusal)
    {
        if (_rotation.HasExclusive || (consumer.Exclusive && (_rotation.Count > 0 || _limits.SingleActiveConsumer)))
        {
            throw new ChannelException(ReplyCode.AccessRefused, $"{refusal} in exclusive use", (60u << 16) | 20);
        }
    }

    /// <summary>A consumer joins the rotation.</summary>
    public void ApplySubscribed(QueueConsumer consumer)
    {
        _rotation.Add(consumer);
        WasConsumed = true;
    }

    /// <summary>Consumers of one channel are gone: all that they held goes back, in one step, before anybody gets a delivery.</summary>
    public void ApplyGone(ReadOnlySpan<QueueConsumer> consumers)
    {
        foreach (var consumer in consumers)
        {
            ApplyCancelled(consumer);
        }

        foreach (var consumer in consumers)
        {
            while (consumer.TryTakeFirst(out var held))
            {
                Return(held);
            }

            _others.Remove(consumer); // else a queue that nobody publishes to would keep it, and its channel, for ever
        }

        _predecessors.RemoveAll(static c => c.Unacked == 0);
    }

    /// <summary>
    /// Settles deliveries <paramref name="from"/> to <paramref name="to"/> of a consumer; those settled before are passed over.
    /// </summary>
    /// <returns>How many were settled.</returns>
    public int ApplySettled(QueueConsumer consumer, long from, long to, Outcome outcome)
    {
        Slab? slab = null;
        var references = 0;
        var settled = 0;
        for (var number = from; number <= to; number++)
        {
            if (!consumer.TryTake(number, out var held))
            {
                continue;
            }

            settled++;
            if (outcome != Outcome.Ack)
            {
                Refuse(held, outcome);
                continue;
            }

            Unacked--;
            UnackedBytes -= held.Message.BodyLength;
            if (!ReferenceEquals(held.Message.Owner, slab))
            {
                slab?.Release(references);
                slab = held.Message.Owner;
                references = 0;
            }

            references++;
            Changes.Settle(held.Message.Sequence);
        }

        slab?.Release(references);
        if (_predecessors.Count > 0)
        {
            _predecessors.RemoveAll(static c => c.Unacked == 0);
        }

        return settled;
    }

    /// <summary>basic.get: takes the oldest message.</summary>
    /// <param name="holder">Keeps it as unacked, unless it is no-ack; the reference then moves to the caller.</param>
    /// <param name="message">The message.</param>
    /// <param name="number">Its number with the holder.</param>
    public bool TryGet(QueueConsumer holder, out Message message, out long number)
    {
        if (!_ready.TryTake(out var taken))
        {
            message = default;
            number = 0;
            return false;
        }

        number = holder.Hold(taken);
        message = taken.Message;
        if (holder.NoAck)
        {
            Changes.Settle(message.Sequence);
        }

        CountUnacked(holder, 1, message.BodyLength);
        if (holder.Unacked == 1)
        {
            _others.Add(holder);
        }

        return true;
    }

    /// <summary>Removes all that waits; unacked messages stay. Of what is in the log only, the shell tells the log itself.</summary>
    /// <returns>How many were removed.</returns>
    public int ApplyPurged()
    {
        var purged = _stored;
        _stored = _recovered = 0;
        _storedBytes = 0;
        while (_ready.TryTake(out var message))
        {
            Changes.Settle(message.Message.Sequence);
            message.Message.Release();
            purged++;
        }

        return purged;
    }

    /// <summary>One delivery round: hands out what waits to those who have room, fairly, until either runs out.</summary>
    /// <param name="touched">Gets every consumer that has a batch now; cleared by the shell.</param>
    public void Deliver(List<QueueConsumer> touched)
    {
        while (_ready.Count > 0 && !WaitsForAll && !IsHandingOver && ShutAt == 0 && _rotation.Next(out var alone) is { } consumer)
        {
            var before = consumer.BatchCount;
            if (consumer.Gate is { Active: true } gate)
            {
                if (!gate.TryTake(consumer.Link, counted: !consumer.NoAck))
                {
                    consumer.IsHeld = true; // by its channel: the others take their turns without it
                    _held.Add(consumer);
                    continue;
                }

                DeliverOne(consumer);
            }
            else if (!alone || !TryDeliverRun(consumer))
            {
                DeliverOne(consumer);
                consumer.Gate?.Count(consumer.NoAck ? 0 : 1);
            }

            if (before == 0)
            {
                touched.Add(consumer);
            }
        }

        foreach (var consumer in _held)
        {
            consumer.IsHeld = false;
        }

        _held.Clear();
    }

    /// <summary>Moves messages that have stayed out of slabs that are mostly dead, so that one of them no longer pins 64 KiB.</summary>
    /// <param name="skip">Where to go on.</param>
    /// <param name="most">At most this many in one step.</param>
    /// <returns>How many were looked at.</returns>
    public int CopyOut(int skip, int most)
    {
        var looked = _ready.CopyOut(skip, most);
        skip -= _ready.Slots;
        _others.RemoveWhere(static c => c.Unacked == 0);
        foreach (var consumer in _rotation.All.Concat(_others))
        {
            looked += consumer.CopyOut(Math.Max(0, skip), most - looked);
            skip -= consumer.Places;
        }

        return looked;
    }

    private bool IsOver => Count > _limits.MaxLength || Bytes > _limits.MaxBytes;

    private long Count => Ready + (_limits.CountUnacked ? Unacked : 0);

    private long Bytes => ReadyBytes + (_limits.CountUnacked ? UnackedBytes : 0);

    private bool IsFullFor(int bodyBytes) => Count + 1 > _limits.MaxLength || Bytes + bodyBytes > _limits.MaxBytes;

    private bool TryDeliverRun(QueueConsumer consumer)
    {
        var run = Open(_ready.PeekRun(consumer.Room, out var first));
        if (run.IsEmpty)
        {
            return false;
        }

        var taken = consumer.AddRun(run, first, out var bodyBytes);
        if (consumer.NoAck)
        {
            SettleAll(run[..taken]);
        }

        _ready.RemoveRun(taken, bodyBytes);
        CountUnacked(consumer, taken, bodyBytes);
        consumer.Gate?.Count(consumer.NoAck ? 0 : taken);
        return taken > 0;
    }

    private void DeliverOne(QueueConsumer consumer)
    {
        _ready.TryTake(out var next);
        consumer.Add(next);
        if (consumer.NoAck)
        {
            Changes.Settle(next.Message.Sequence);
        }

        CountUnacked(consumer, 1, next.Message.BodyLength);
    }

    private void SettleAll(ReadOnlySpan<Message> run)
    {
        foreach (ref readonly var message in run)
        {
            Changes.Settle(message.Sequence);
        }
    }

    private void CountUnacked(QueueConsumer consumer, int count, long bodyBytes)
    {
        if (!consumer.NoAck)
        {
            Unacked += count;
            UnackedBytes += bodyBytes;
        }
    }

    private void Refuse(in Returned held, Outcome outcome)
    {
        if (outcome == Outcome.Requeue)
        {
            Return(held);
            return;
        }

        Unacked--;
        UnackedBytes -= held.Message.BodyLength;
        _leaving.Enqueue(new Leaving(held.Message, LeaveReason.Rejected));
    }

    private void Return(Returned held)
    {
        Unacked--;
        UnackedBytes -= held.Message.BodyLength;
        held.Message.DeliveryCount++;
        if (held.Message.DeliveryCount > _limits.DeliveryLimit)
        {
            _leaving.Enqueue(new Leaving(held.Message, LeaveReason.DeliveryLimit));
            return;
        }

        Changes.Return(held.Message.Sequence, held.Message.DeliveryCount);
        _ready.Return(held);
        if (held.ExpiresAt != 0)
        {
            _expiries.Add(held.Message.Priority, held.Position, held.ExpiresAt);
        }
    }
}
