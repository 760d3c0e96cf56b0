using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>basic.publish</c> (60, 40), client to broker: hand a message to an exchange. No reply of its own; a content
/// header and body frames follow on the same channel.
/// </summary>
/// <remarks>The names point into the frame buffer and are valid only until the frame is released.</remarks>
public readonly ref struct BasicPublish(
    ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> routingKey, bool mandatory, bool immediate)
    : IAmqpMethod<BasicPublish>
{
    /// <summary>Class 60, method 40.</summary>
    public const uint Id = (60u << 16) | 40;

    /// <summary>Exchange name, 0 to 255 bytes; empty is the default exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; } = exchange;

    /// <summary>Routing key, 0 to 255 bytes.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; } = routingKey;

    /// <summary>Send the message back by basic.return when it reaches no queue.</summary>
    public bool Mandatory { get; } = mandatory;

    /// <summary>
    /// Send the message back when no consumer is ready; RabbitMQ refuses it with 540 NOT_IMPLEMENTED.
    /// </summary>
    public bool Immediate { get; } = immediate;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicPublish Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var exchange = reader.ReadShortString();
        var routingKey = reader.ReadShortString();
        var bits = reader.ReadOctet();
        return new BasicPublish(exchange, routingKey, (bits & 1) != 0, (bits & 2) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
        writer.WriteBits(Mandatory, Immediate);
    }
}
