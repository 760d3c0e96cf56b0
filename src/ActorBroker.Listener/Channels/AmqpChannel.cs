using System.Diagnostics.CodeAnalysis;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Queues;
using ActorBroker.Listener.Connections;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// One channel: a state object of its connection's read loop, not an actor. The halves that publish and consume are
/// <see cref="ChannelPublisher"/> and <see cref="ChannelDeliveries"/>; the methods are grouped by AMQP class in <c>…Methods</c>.
/// </summary>
internal sealed class AmqpChannel
{
    private const int MaxGetters = 64;

    private readonly Dictionary<string, ConsumerLink> _consumers = [];
    private readonly Dictionary<(object Queue, bool NoAck), ConsumerLink> _getters = [];
    private readonly Dictionary<ConsumerLink, bool> _unanswered = []; // → nowait: consume or cancel was asked and not answered yet
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

    /// <summary>A method has no answer yet: all that comes meanwhile waits here. Null when none is outstanding.</summary>
    public HeldFrames? Held { get; set; }

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

    /// <summary>An answer that a method needs before it can go on. What follows the <c>await</c> is a turn of the connection.</summary>
    public TurnAwaitable<T> Answer<T>(Task<T> answer) => new(Connection, answer);

    /// <summary>Writes a reply on this channel, unless it was closed meanwhile.</summary>
    public void Write<T>(in T method)
        where T : struct, IAmqpMethod, allows ref struct
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
            _unanswered[link] = noWait;
        }

        Deliveries.Add(link);
    }

    /// <summary>The consumer was not let in.</summary>
    public void RemoveConsumer(ConsumerLink link)
    {
        lock (_consumers)
        {
            Remove(link);
            _unanswered.Remove(link);
        }

        Deliveries.Forget(link);
    }

    /// <summary>basic.cancel came: the consumer is on its way out, and its tag is free.</summary>
    /// <returns>False when there is no such consumer, or no longer.</returns>
    public bool TryCancel(string tag, bool noWait, [NotNullWhen(true)] out ConsumerLink? link)
    {
        lock (_consumers)
        {
            if (!_consumers.Remove(tag, out link))
            {
                return false;
            }

            _unanswered[link] = noWait;
            return true;
        }
    }

    /// <summary>The queue has let a consumer in: consume-ok goes out before its first delivery. From the consumer's actor.</summary>
    public void ConsumerSubscribed(ConsumerLink link)
    {
        if (TakeUnanswered(link))
        {
            Write(new BasicConsumeOk(link.Tag));
        }
    }

    /// <summary>The last delivery of a cancelled consumer is out. From the consumer's actor.</summary>
    public void ConsumerCancelled(ConsumerLink link)
    {
        if (TakeUnanswered(link))
        {
            Write(new BasicCancelOk(link.Tag));
        }
    }

    /// <summary>The queue of a consumer is gone. A client that has just asked to cancel it still gets its answer.</summary>
    public void ConsumerLost(ConsumerLink link)
    {
        bool cancelling;
        lock (_consumers)
        {
            cancelling = !Remove(link);
        }

        if (TakeUnanswered(link) && cancelling)
        {
            Write(new BasicCancelOk(link.Tag));
        }
    }

    private bool TakeUnanswered(ConsumerLink link)
    {
        lock (_consumers)
        {
            return _unanswered.Remove(link, out var noWait) && !noWait;
        }
    }

    /// <summary>Frees a tag, unless another consumer has it by now.</summary>
    private bool Remove(ConsumerLink link) => _consumers.TryGetValue(link.Tag, out var current) && current == link && _consumers.Remove(link.Tag);

    /// <summary>Who holds what this channel gets from a queue with basic.get.</summary>
    public ConsumerLink Getter(QueueHandle queue, bool noAck)
    {
        if (!_getters.TryGetValue((queue, noAck), out var link))
        {
            link = new ConsumerLink(queue, Deliveries, "", noAck, exclusive: false, prefetch: 0, priority: 0, getsOnly: true, gate: null);
            if (_getters.Count >= MaxGetters)
            {
                _getters.Clear(); // a channel that polls ever new queues: what is still unacked is known to the deliveries
            }

            _getters.Add((queue, noAck), link);
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
    public void Close() => ChannelDeliveries.Close(Connection, [Leave()]);

    /// <summary>Ends what this channel does; <see cref="ChannelDeliveries.Close"/> gives back what it held.</summary>
    public ChannelDeliveries Leave()
    {
        Publisher.Abandon();
        Replies?.Dispose();
        Replies = null;
        return Deliveries;
    }

    public static ConnectionException Unexpected(uint methodId) => new(
        ReplyCode.CommandInvalid, $"unexpected method {MethodTable.Describe(methodId)}", methodId);
}
