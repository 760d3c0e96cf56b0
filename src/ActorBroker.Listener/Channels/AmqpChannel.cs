using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Consumers;
using ActorBroker.Core.Queues;
using ActorBroker.Listener.Connections;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// One channel: a state object of its connection's read loop, not an actor. The halves that publish and consume are
/// <see cref="ChannelPublisher"/> and <see cref="ChannelDeliveries"/>; the methods are grouped by AMQP class in <c>…Methods</c>.
/// </summary>
internal sealed class AmqpChannel
{
    private readonly Dictionary<string, ConsumerLink> _consumers = [];
    private readonly Dictionary<(object Queue, bool NoAck), ConsumerLink> _getters = [];
    private readonly Dictionary<string, bool> _unanswered = []; // tag → nowait, from consume until the queue has let it in
    private int _namedTags;

    public AmqpChannel(AmqpConnection connection, ushort id)
    {
        Connection = connection;
        Id = id;
        Deliveries = new ChannelDeliveries(connection, this, id);
        Publisher = new ChannelPublisher(this);
    }

    public AmqpConnection Connection { get; }

    public ushort Id { get; }

    public ChannelDeliveries Deliveries { get; }

    public ChannelPublisher Publisher { get; }

    /// <summary>Set by tx.select.</summary>
    public ChannelTransaction? Transaction { get; set; }

    /// <summary>Prefetch for consumers that come from now on (basic.qos).</summary>
    public int Prefetch { get; set; }

    /// <summary>The queue declared last: what an empty queue name means.</summary>
    public string? LastQueue { get; set; }

    /// <summary>channel.close was sent: all but close and close-ok is ignored.</summary>
    public bool IsClosing { get; set; }

    /// <summary>The consumer of direct reply-to, if there is one.</summary>
    public DirectReply? Replies { get; set; }

    /// <summary>Handles a method other than basic.publish.</summary>
    public ValueTask Handle(uint id, ref AmqpReader arguments) => (id >> 16) switch
    {
        20 => ChannelMethods.Handle(this, id, ref arguments),
        40 => ExchangeMethods.Handle(this, id, ref arguments),
        50 => QueueMethods.Handle(this, id, ref arguments),
        60 => BasicMethods.Handle(this, id, ref arguments),
        85 => ConfirmMethods.Handle(this, id, ref arguments),
        90 => TxMethods.Handle(this, id, ref arguments),
        _ => throw Unexpected(id),
    };

    /// <summary>Writes a reply on this channel.</summary>
    public void Write<T>(in T method)
        where T : struct, IAmqpMethod, allows ref struct
    {
        Connection.Outbox.Write(Id, method);
        Connection.Outbox.RequestFlush();
    }

    /// <summary>Writes a reply from a consumer's actor, unless the channel was closed meanwhile.</summary>
    private void Answer<T>(in T method)
        where T : struct, IAmqpMethod
    {
        lock (Connection.Outbox.Lock)
        {
            if (IsClosing)
            {
                return;
            }

            Connection.Outbox.Write(Id, method);
        }

        Connection.Outbox.RequestFlush();
    }

    /// <summary>The queue a method names, or the one declared last.</summary>
    /// <exception cref="ChannelException">404 <c>no previously declared queue</c>.</exception>
    public string QueueName(string name, uint methodId) =>
        name.Length > 0 ? name : LastQueue ?? throw new ChannelException(ReplyCode.NotFound, "no previously declared queue", methodId);

    /// <summary>The tag for a new consumer.</summary>
    /// <exception cref="ConnectionException">530: used already on this channel.</exception>
    public string ConsumerTag(string asked)
    {
        if (asked.Length == 0)
        {
            return $"amq.ctag-{Connection.Broker.RandomName()}{++_namedTags}";
        }

        lock (_consumers)
        {
            return !_consumers.ContainsKey(asked) && Replies?.Link.Tag != asked
                ? asked
                : throw new ConnectionException(ReplyCode.NotAllowed, $"attempt to reuse consumer tag '{asked}'", BasicConsume.Id);
        }
    }

    /// <summary>A consumer asks its queue to join.</summary>
    public void AddConsumer(ConsumerLink link, bool noWait)
    {
        lock (_consumers)
        {
            _consumers[link.Tag] = link;
            _unanswered[link.Tag] = noWait;
        }

        Deliveries.Add(link);
    }

    /// <summary>The consumer with this tag, or null.</summary>
    public ConsumerLink? FindConsumer(string tag)
    {
        lock (_consumers)
        {
            return _consumers.GetValueOrDefault(tag);
        }
    }

    /// <summary>The consumer is cancelled or was not let in.</summary>
    public void RemoveConsumer(string tag)
    {
        lock (_consumers)
        {
            _consumers.Remove(tag);
            _unanswered.Remove(tag);
        }
    }

    /// <summary>The queue has let a consumer in: consume-ok goes out before its first delivery. From the consumer's actor.</summary>
    public void ConsumerSubscribed(ConsumerLink link)
    {
        bool noWait;
        lock (_consumers)
        {
            _unanswered.Remove(link.Tag, out noWait);
        }

        if (!noWait)
        {
            Answer(new BasicConsumeOk(link.Tag));
        }
    }

    /// <summary>The last delivery of a cancelled consumer is out. From the consumer's actor.</summary>
    public void ConsumerCancelled(ConsumerLink link)
    {
        bool noWait;
        lock (_consumers)
        {
            if (!_unanswered.Remove(link.Tag, out noWait))
            {
                return;
            }
        }

        if (!noWait)
        {
            Answer(new BasicCancelOk(link.Tag));
        }
    }

    /// <summary>The queue of a consumer is gone. A client that has just asked to cancel it still gets its answer.</summary>
    public void ConsumerLost(string tag)
    {
        bool answer;
        lock (_consumers)
        {
            var cancelling = !_consumers.Remove(tag);
            answer = _unanswered.Remove(tag, out var noWait) && cancelling && !noWait;
        }

        if (answer)
        {
            Answer(new BasicCancelOk(tag));
        }
    }

    /// <summary>basic.cancel came: the consumer is on its way out.</summary>
    public void Cancelling(ConsumerLink link, bool noWait)
    {
        lock (_consumers)
        {
            _consumers.Remove(link.Tag);
            _unanswered[link.Tag] = noWait;
        }
    }

    /// <summary>The holder of what this channel gets from a queue with basic.get.</summary>
    public ConsumerLink Getter(Queues.QueueHandle queue, bool noAck)
    {
        if (!_getters.TryGetValue((queue, noAck), out var link))
        {
            link = new ConsumerLink(queue, Deliveries, "", noAck, exclusive: false, prefetch: 0, priority: 0, getsOnly: true, gate: null);
            _getters.Add((queue, noAck), link);
            Deliveries.Add(link);
        }

        return link;
    }

    /// <summary>basic.ack and its kin, within a transaction or not.</summary>
    public void Settle(ulong tag, bool multiple, Outcome outcome, uint methodId)
    {
        Deliveries.Settle(tag, multiple, outcome, methodId, Transaction?.Verdicts);
        Connection.Settling(this);
    }

    /// <summary>The channel is gone, for whatever reason.</summary>
    public void Close()
    {
        Publisher.Abandon();
        Replies?.Dispose();
        Replies = null;
        Deliveries.Close(Connection.Actor);
    }

    public static ConnectionException Unexpected(uint methodId) => new(
        ReplyCode.CommandInvalid, $"unexpected method {MethodTable.Describe(methodId)}", methodId);
}
