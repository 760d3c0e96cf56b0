using System.Text;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker.Addresses;

/// <summary>
/// One consumer, as channel, consumer actor and queue actor know it. Each touches only its own part.
/// </summary>
internal sealed class ConsumerLink
{
    /// <summary>Bytes that may be under way to one consumer's socket.</summary>
    public const long WindowBytes = 1 << 20;

    private QueueProtocol.PlaceKept? _placeKept; // made once, told for each place

    /// <summary>A consumer, or with <paramref name="getsOnly"/> a getter: who holds what basic.get took.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="endpoint">Its channel.</param>
    /// <param name="tag">Consumer tag, up to 255 bytes of UTF-8.</param>
    /// <param name="noAck">Deliveries count as acked when they are sent.</param>
    /// <param name="exclusive">Wants to be the only one.</param>
    /// <param name="prefetch">Most unacked deliveries, 0 for no limit.</param>
    /// <param name="priority">x-priority.</param>
    /// <param name="getsOnly">Never gets a delivery.</param>
    /// <param name="gate">What the channel's consumers share.</param>
    public ConsumerLink(
        QueueHandle queue, IConsumerEndpoint endpoint, string tag, bool noAck, bool exclusive, int prefetch, int priority, bool getsOnly, ChannelGate? gate)
    {
        Queue = queue;
        Endpoint = endpoint;
        Tag = tag;
        TagBytes = Encoding.UTF8.GetBytes(tag);
        NoAck = noAck;
        Window = getsOnly ? null : new DeliveryWindow(WindowBytes);
        Gate = getsOnly ? null : gate;
        GetsOnly = getsOnly;
        Prefetch = prefetch;
        Priority = priority;
        Exclusive = exclusive;
    }

    /// <summary>The queue.</summary>
    public QueueHandle Queue { get; }

    /// <summary>The client's side.</summary>
    public IConsumerEndpoint Endpoint { get; }

    /// <summary>Consumer tag.</summary>
    public string Tag { get; }

    /// <summary>Consumer tag as it goes over the wire.</summary>
    public byte[] TagBytes { get; }

    /// <summary>Deliveries count as acked when they are sent.</summary>
    public bool NoAck { get; }

    /// <summary>Bytes under way; null for a getter.</summary>
    public DeliveryWindow? Window { get; }

    /// <summary>What the channel's consumers share; null for a getter.</summary>
    public ChannelGate? Gate { get; }

    /// <summary>A getter: holds what basic.get took, and never gets a delivery.</summary>
    public bool GetsOnly { get; }

    /// <summary>Most unacked deliveries, 0 for no limit.</summary>
    public int Prefetch { get; }

    /// <summary>x-priority.</summary>
    public int Priority { get; }

    /// <summary>Wants to be the only one.</summary>
    public bool Exclusive { get; }

    /// <summary>The queue's own record, which it makes when the consumer comes; only the queue's actor touches it.</summary>
    public QueueConsumer? InQueue { get; set; }

    /// <summary>The channel was gone, or the consumer cancelled, before it came to the queue; only the queue's actor touches it.</summary>
    public bool IsGone { get; set; }

    /// <summary>Gets no more deliveries; guarded by its endpoint.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>The consumer's actor.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>Tells the queues of consumers that their channel's <see cref="ChannelGate"/> lets go on.</summary>
    public static void Wake(object[] consumers)
    {
        foreach (var consumer in consumers)
        {
            var link = (ConsumerLink)consumer;
            link.Queue.Actor.Tell(link._placeKept ??= new QueueProtocol.PlaceKept(link), ActorRefs.NoSender);
        }
    }
}

/// <summary>The client's side of consumers: a channel that encodes into its connection's outbox. Must not throw.</summary>
internal interface IConsumerEndpoint
{
    /// <summary>
    /// It takes nothing more, and what it held was or will be given back: whoever comes for it after that comes too late. Any thread.
    /// </summary>
    bool IsClosed => false;

    /// <summary>More is buffered for the socket than it takes: hold back.</summary>
    bool IsCongested { get; }

    /// <summary>Asks for one <see cref="Consumers.ConsumerProtocol.Drained"/> when that is over.</summary>
    void WhenDrained(IActorRef consumer);

    /// <summary>The consumer is in place; deliveries may follow.</summary>
    void Subscribed(ConsumerLink consumer);

    /// <summary>Messages for the client, in order.</summary>
    /// <param name="consumer">Whose.</param>
    /// <param name="messages">Borrowed when acks are expected; owned by the consumer actor when not.</param>
    /// <param name="firstNumber">Delivery number of the first with this consumer.</param>
    /// <param name="bytes">About what they take on the wire.</param>
    void Deliver(ConsumerLink consumer, ReadOnlySpan<Message> messages, long firstNumber, long bytes);

    /// <summary>The consumer's last delivery was sent: it is cancelled, as the client asked.</summary>
    void Cancelled(ConsumerLink consumer);

    /// <summary>The queue is gone: the client is told by basic.cancel if it can take that.</summary>
    void CancelledByBroker(ConsumerLink consumer);
}
