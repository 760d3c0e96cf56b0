using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker;

/// <summary>A message as a consumer gets it, to be settled once by <see cref="Ack"/>, <see cref="Nack"/> or <see cref="Reject"/>.</summary>
/// <remarks>Settling is thread-safe. The bytes stay valid for as long as anybody holds them.</remarks>
public sealed class Delivery : INoSerializationVerificationNeeded
{
    private readonly Message _message; // in memory of its own
    private readonly IDeliveryHolder _holder;
    private readonly long _number;
    private BasicProperties? _properties;
    private int _settled;

    internal Delivery(IDeliveryHolder holder, in Message message, long number)
    {
        _holder = holder;
        _message = message.Alone();
        _number = number;
        _settled = holder.Link.NoAck ? 1 : 0;
    }

    /// <summary>The queue it comes from.</summary>
    public string Queue => _holder.Link.Queue.Name;

    /// <summary>The consumer that got it; empty for basic.get.</summary>
    public string ConsumerTag => _holder.Link.Tag;

    /// <summary>Number of the delivery with this consumer, from 1.</summary>
    public long DeliveryTag => _number;

    /// <summary>The exchange it was published to.</summary>
    public string Exchange => Encoding.UTF8.GetString(_message.Exchange);

    /// <summary>The routing key it was published with.</summary>
    public string RoutingKey => Encoding.UTF8.GetString(_message.RoutingKey);

    /// <summary>True when it was handed out before, or may have been.</summary>
    public bool Redelivered => _message.Redelivered;

    /// <summary>How often it was handed out and came back before; 0 the first time (x-delivery-count).</summary>
    public int DeliveryCount => _message.DeliveryCount;

    /// <summary>Properties of the message, decoded when first asked for.</summary>
    public BasicProperties Properties => _properties ??= BasicProperties.Decode(_message.Properties);

    /// <summary>Body of the message.</summary>
    public ReadOnlyMemory<byte> Body => _message.Buffer.AsMemory(_message.Offset + _message.NamesLength + _message.HeaderLength, _message.BodyLength);

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(_message.Body);

    /// <summary>Somebody has settled it, or it counted as acked from the beginning.</summary>
    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>The message is done: the queue forgets it. basic.ack (60, 80).</summary>
    /// <exception cref="ChannelException">406: it is settled already, or its consumer is closed and the message back in the queue.</exception>
    public void Ack() => Settle(Outcome.Ack);

    /// <summary>The message is not done: back to its place in the queue, or dead-lettered. basic.nack (60, 120).</summary>
    /// <param name="requeue">False: it is dead-lettered, or dropped where there is no dead-letter exchange.</param>
    /// <exception cref="ChannelException">406: it is settled already, or its consumer is closed and the message back in the queue.</exception>
    public void Nack(bool requeue = true) => Settle(requeue ? Outcome.Requeue : Outcome.Discard);

    /// <summary>The message cannot be done: dead-lettered, or dropped where there is no dead-letter exchange. basic.reject (60, 90).</summary>
    /// <param name="requeue">True: back to its place in the queue instead.</param>
    /// <exception cref="ChannelException">406: it is settled already, or its consumer is closed and the message back in the queue.</exception>
    public void Reject(bool requeue = false) => Settle(requeue ? Outcome.Requeue : Outcome.Discard);

    /// <inheritdoc/>
    public override string ToString() => $"{Queue}#{_number} {Text}";

    /// <summary>The queue it comes from.</summary>
    internal QueueHandle Source => _holder.Link.Queue;

    /// <summary>As the queue holds it.</summary>
    internal ref readonly Message Message => ref _message;

    /// <summary>The consumer is closed or stopped, and the message is back in the queue.</summary>
    internal bool IsBack => _holder.IsBack(_number);

    /// <summary>Settles the message, unless somebody was quicker.</summary>
    internal bool TrySettle(Outcome outcome) => Interlocked.Exchange(ref _settled, 1) == 0 && _holder.Settle(_number, outcome);

    private void Settle(Outcome outcome)
    {
        if (!TrySettle(outcome))
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, $"unknown delivery tag {_number}");
        }
    }
}
