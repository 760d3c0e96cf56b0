using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>basic.return</c> (60, 50), broker to client: a mandatory message that reached no queue; its content follows.
/// </summary>
/// <param name="ReplyCode">312 NO_ROUTE.</param>
/// <param name="ReplyText">NO_ROUTE.</param>
/// <param name="Exchange">Where it was published; empty is the default exchange.</param>
/// <param name="RoutingKey">With which it was published.</param>
public readonly record struct BasicReturn(ReplyCode ReplyCode, string ReplyText, string Exchange, string RoutingKey)
    : IAmqpMethod<BasicReturn>
{
    /// <summary>Class 60, method 50.</summary>
    public const uint Id = (60u << 16) | 50;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicReturn Read(ref AmqpReader reader)
    {
        var replyCode = (ReplyCode)reader.ReadShort();
        var replyText = reader.ReadShortText();
        var exchange = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        return new BasicReturn(replyCode, replyText, exchange, routingKey);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort((ushort)ReplyCode);
        writer.WriteShortString(ReplyText);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
    }
}

/// <summary><c>basic.deliver</c> (60, 60), broker to client: a message for a consumer; its content follows.</summary>
/// <param name="ConsumerTag">Unique on its channel.</param>
/// <param name="DeliveryTag">Counts from 1 on its channel.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Exchange">Where it was published; empty is the default exchange.</param>
/// <param name="RoutingKey">With which it was published.</param>
public readonly record struct BasicDeliver(
    string ConsumerTag, ulong DeliveryTag, bool Redelivered, string Exchange, string RoutingKey)
    : IAmqpMethod<BasicDeliver>
{
    /// <summary>Class 60, method 60.</summary>
    public const uint Id = (60u << 16) | 60;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicDeliver Read(ref AmqpReader reader)
    {
        var consumerTag = reader.ReadShortText();
        var deliveryTag = reader.ReadLongLong();
        var bits = reader.ReadOctet();
        var exchange = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        return new BasicDeliver(consumerTag, deliveryTag, (bits & 1) != 0, exchange, routingKey);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShortString(ConsumerTag);
        writer.WriteLongLong(DeliveryTag);
        writer.WriteBits(Redelivered);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
    }
}
