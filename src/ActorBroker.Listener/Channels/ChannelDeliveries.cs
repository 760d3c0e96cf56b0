using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Listener.Connections;
using Akka.Actor;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// The consuming half of a channel: delivery tags, what is unacked, and the way of messages into the outbox.
/// </summary>
/// <remarks>Consumer actors and the read loop meet here: all of it is guarded by the outbox's lock.</remarks>
internal sealed class ChannelDeliveries(AmqpConnection connection, AmqpChannel owner, ushort channel) : IConsumerEndpoint
{
    private readonly SequenceRing<Unacked> _unacked = new();
    private readonly Dictionary<ConsumerLink, int> _holders = []; // consumers and getters, with the number of their unacked
    private readonly OpenSettles _settling = new();
    private volatile bool _closed;

    /// <summary>What all consumers of the channel share.</summary>
    public ChannelGate Gate { get; } = new();

    /// <summary>The connection knows that there are verdicts of this channel to tell at the end of this turn.</summary>
    public bool IsSettling { get; set; }

    /// <inheritdoc/>
    public bool IsClosed => _closed;

    /// <inheritdoc/>
    public bool IsCongested => connection.Outbox.IsCongested;

    /// <inheritdoc/>
    public void WhenDrained(IActorRef consumer) => connection.Outbox.WhenDrained(consumer);

    /// <summary>A consumer or getter of this channel, until it is cancelled and holds nothing.</summary>
    public void Add(ConsumerLink link)
    {
        lock (connection.Outbox.Lock)
        {
            _holders.TryAdd(link, 0);
        }
    }

    /// <inheritdoc/>
    public void Subscribed(ConsumerLink consumer) => owner.ConsumerSubscribed(consumer);

    /// <inheritdoc/>
    public void Cancelled(ConsumerLink consumer)
    {
        Forget(consumer);
        owner.ConsumerCancelled(consumer);
    }

    /// <inheritdoc/>
    public void CancelledByBroker(ConsumerLink consumer)
    {
        lock (connection.Outbox.Lock)
        {
            if (_closed)
            {
                return;
            }

            if (connection.Client.CanConsumerCancel)
            {
                connection.Outbox.Write(channel, new BasicCancel(consumer.Tag, NoWait: true));
            }
        }

        connection.Outbox.RequestFlush();
        Forget(consumer);
        owner.ConsumerLost(consumer);
    }

    /// <inheritdoc/>
    public void Deliver(ConsumerLink consumer, ReadOnlySpan<Message> messages, long firstNumber, long bytes)
    {
        var outbox = connection.Outbox;
        lock (outbox.Lock)
        {
            if (_closed)
            {
                return;
            }

            outbox.Reserve(bytes);
            foreach (ref readonly var message in messages)
            {
                var tag = NextTag(consumer, consumer.NoAck, firstNumber++);
                DeliveryFrames.WriteDeliver(outbox, channel, consumer.TagBytes, tag, message, connection.FrameMax);
            }

            if (!consumer.NoAck)
            {
                _holders[consumer] = _holders.GetValueOrDefault(consumer) + messages.Length;
            }
        }

        outbox.RequestFlush();
    }

    /// <summary>basic.get-ok.</summary>
    public void WriteGetOk(ConsumerLink getter, QueueProtocol.GetResult got)
    {
        var outbox = connection.Outbox;
        lock (outbox.Lock)
        {
            var message = got.Message;
            var tag = NextTag(getter, getter.NoAck, got.Number);
            if (!getter.NoAck)
            {
                _holders[getter] = _holders.GetValueOrDefault(getter) + 1;
            }

            DeliveryFrames.WriteGetOk(outbox, channel, tag, message, (uint)got.Left, connection.FrameMax);
        }
    }

    /// <summary>
    /// basic.ack, basic.nack or basic.reject: notes the verdict for the queues; <see cref="TellQueues"/> sends it at the end of the turn.
    /// </summary>
    /// <param name="tag">Delivery tag; 0 with <paramref name="multiple"/> means all.</param>
    /// <param name="multiple">All up to and including the tag.</param>
    /// <param name="outcome">The verdict.</param>
    /// <param name="methodId">For the error.</param>
    /// <param name="transaction">Keeps the verdicts until tx.commit instead; null without a transaction.</param>
    /// <exception cref="ChannelException">406 <c>unknown delivery tag N</c>, closes the channel.</exception>
    public void Settle(ulong tag, bool multiple, Outcome outcome, uint methodId, List<SettledInTransaction>? transaction)
    {
        lock (connection.Outbox.Lock)
        {
            if (!multiple)
            {
                if (!_unacked.TryTake((long)tag, out var one))
                {
                    throw Unknown(tag, methodId);
                }

                Settled((long)tag, one, outcome, transaction);
                return;
            }

            if (tag != 0 && !_unacked.Contains((long)tag))
            {
                throw Unknown(tag, methodId);
            }

            while (_unacked.PeekFirst() is { } first && (tag == 0 || first <= (long)tag))
            {
                _unacked.TryTakeFirst(out var number, out var delivery);
                Settled(number, delivery, outcome, transaction);
            }
        }
    }

    /// <summary>tx.commit: the verdicts count now.</summary>
    /// <param name="verdicts">The verdicts.</param>
    /// <param name="written">Waits until every queue has them where a restart finds them.</param>
    public void Apply(List<SettledInTransaction> verdicts, ConfirmBatch written)
    {
        lock (connection.Outbox.Lock)
        {
            foreach (var verdict in verdicts)
            {
                Settled(verdict.Tag, new Unacked(verdict.Link, verdict.Number), verdict.Outcome, null);
            }

            _settling.Await(written);
        }
    }

    /// <summary>tx.rollback: the deliveries are unacked again, under their old tags.</summary>
    public void Restore(List<SettledInTransaction> verdicts)
    {
        lock (connection.Outbox.Lock)
        {
            foreach (var verdict in verdicts)
            {
                _unacked.Restore(verdict.Tag, new Unacked(verdict.Link, verdict.Number));
            }
        }
    }

    /// <summary>Tells each queue the verdicts of this turn, in one message.</summary>
    public void TellQueues()
    {
        IsSettling = false;
        _settling.TellQueues();
    }

    /// <summary>
    /// Channels are gone, together: nothing is encoded for them any more, and each queue gets back in one step what their consumers
    /// held. So no message goes from one dead channel to the next.
    /// </summary>
    public static void Close(AmqpConnection connection, IReadOnlyList<ChannelDeliveries> channels)
    {
        foreach (var channel in channels)
        {
            channel.TellQueues(); // what was settled before counts
        }

        var links = new List<ConsumerLink>();
        lock (connection.Outbox.Lock)
        {
            foreach (var channel in channels)
            {
                channel._closed = true;
                links.AddRange(channel._holders.Keys);
                channel._holders.Clear();
            }
        }

        foreach (var perQueue in links.GroupBy(l => l.Queue))
        {
            perQueue.Key.Actor.Tell(new QueueProtocol.ChannelGone([.. perQueue]), ActorRefs.NoSender);
        }

        if (links.Count > 0)
        {
            connection.Actor.Tell(new ConnectionProtocol.ConsumersGone([.. links]), ActorRefs.NoSender);
        }
    }

    /// <summary>An answer to basic.get came when the channel was gone: its message goes back to its queue.</summary>
    public static void GiveBack(ConsumerLink getter) =>
        getter.Queue.Actor.Tell(new QueueProtocol.ChannelGone([getter]), ActorRefs.NoSender);

    private ulong NextTag(ConsumerLink link, bool noAck, long number) =>
        (ulong)(noAck ? _unacked.Skip() : _unacked.Add(new Unacked(link, number)));

    private void Settled(long tag, in Unacked delivery, Outcome outcome, List<SettledInTransaction>? transaction)
    {
        if (transaction is not null)
        {
            transaction.Add(new SettledInTransaction(tag, delivery.Link, delivery.Number, outcome));
            return;
        }

        var link = delivery.Link;
        _settling.For(link.Queue).Add(link, delivery.Number, outcome);
        var left = --System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_holders, link, out _);
        if (left <= 0 && (link.IsLeaving || link.GetsOnly))
        {
            _holders.Remove(link);
        }
    }

    /// <summary>The consumer will get no more; while it still holds something it is kept.</summary>
    public void Forget(ConsumerLink consumer)
    {
        lock (connection.Outbox.Lock)
        {
            consumer.IsLeaving = true;
            if (_holders.TryGetValue(consumer, out var unacked) && unacked == 0)
            {
                _holders.Remove(consumer);
            }
        }

        ConsumerLink.Wake(Gate.Leave(consumer));
    }

    private static ChannelException Unknown(ulong tag, uint methodId) =>
        new(ReplyCode.PreconditionFailed, $"unknown delivery tag {tag}", methodId);

    private readonly record struct Unacked(ConsumerLink Link, long Number);
}

/// <summary>A verdict that waits for tx.commit.</summary>
internal readonly record struct SettledInTransaction(long Tag, ConsumerLink Link, long Number, Outcome Outcome);
