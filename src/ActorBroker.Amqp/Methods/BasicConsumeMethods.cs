using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>basic.qos</c> (60, 10), client to broker: limits unacknowledged deliveries. Answered by qos-ok.
/// </summary>
/// <param name="PrefetchSize">In bytes; RabbitMQ refuses all but 0 with 540.</param>
/// <param name="PrefetchCount">Messages; 0 for no limit.</param>
/// <param name="Global">RabbitMQ: true for the channel, false for each later consumer.</param>
public readonly record struct BasicQos(uint PrefetchSize, ushort PrefetchCount, bool Global) : IAmqpMethod<BasicQos>
{
    /// <summary>Class 60, method 10.</summary>
    public const uint Id = (60u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicQos Read(ref AmqpReader reader)
    {
        var prefetchSize = reader.ReadLong();
        var prefetchCount = reader.ReadShort();
        var bits = reader.ReadOctet();
        return new BasicQos(prefetchSize, prefetchCount, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLong(PrefetchSize);
        writer.WriteShort(PrefetchCount);
        writer.WriteBits(Global);
    }
}

/// <summary><c>basic.qos-ok</c> (60, 11), broker to client: the limit holds.</summary>
public readonly record struct BasicQosOk : IAmqpMethod<BasicQosOk>
{
    /// <summary>Class 60, method 11.</summary>
    public const uint Id = (60u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicQosOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>basic.consume</c> (60, 20), client to broker: starts a consumer. Answered by consume-ok, 403, 404 or 405; a tag
/// used twice is 530.
/// </summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="ConsumerTag">Unique on its channel; empty asks the broker to make one up.</param>
/// <param name="NoLocal">Not supported by RabbitMQ, ignored.</param>
/// <param name="NoAck">Deliveries count as acknowledged when sent.</param>
/// <param name="Exclusive">No other consumer on this queue (403 if there is one).</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct BasicConsume(
    string Queue, string ConsumerTag, bool NoLocal, bool NoAck, bool Exclusive, bool NoWait, FieldTable Arguments)
    : IAmqpMethod<BasicConsume>
{
    /// <summary>Class 60, method 20.</summary>
    public const uint Id = (60u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicConsume Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var consumerTag = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new BasicConsume(
            queue, consumerTag, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteShortString(ConsumerTag);
        writer.WriteBits(NoLocal, NoAck, Exclusive, NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>basic.consume-ok</c> (60, 21), broker to client: deliveries follow.</summary>
/// <param name="ConsumerTag">Unique on its channel.</param>
public readonly record struct BasicConsumeOk(string ConsumerTag) : IAmqpMethod<BasicConsumeOk>
{
    /// <summary>Class 60, method 21.</summary>
    public const uint Id = (60u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicConsumeOk Read(ref AmqpReader reader) => new(reader.ReadShortText());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString(ConsumerTag);
}

/// <summary>
/// <c>basic.cancel</c> (60, 30), both directions: ends a consumer; broker to client when the queue is gone. Answered
/// by cancel-ok.
/// </summary>
/// <param name="ConsumerTag">Unique on its channel.</param>
/// <param name="NoWait">No reply is sent.</param>
public readonly record struct BasicCancel(string ConsumerTag, bool NoWait) : IAmqpMethod<BasicCancel>
{
    /// <summary>Class 60, method 30.</summary>
    public const uint Id = (60u << 16) | 30;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicCancel Read(ref AmqpReader reader)
    {
        var consumerTag = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new BasicCancel(consumerTag, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShortString(ConsumerTag);
        writer.WriteBits(NoWait);
    }
}

/// <summary><c>basic.cancel-ok</c> (60, 31), both directions: no more deliveries for that tag.</summary>
/// <param name="ConsumerTag">Unique on its channel.</param>
public readonly record struct BasicCancelOk(string ConsumerTag) : IAmqpMethod<BasicCancelOk>
{
    /// <summary>Class 60, method 31.</summary>
    public const uint Id = (60u << 16) | 31;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicCancelOk Read(ref AmqpReader reader) => new(reader.ReadShortText());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString(ConsumerTag);
}

/// <summary><c>basic.get</c> (60, 70), client to broker: takes one message. Answered by get-ok or get-empty.</summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="NoAck">It counts as acknowledged when sent.</param>
public readonly record struct BasicGet(string Queue, bool NoAck) : IAmqpMethod<BasicGet>
{
    /// <summary>Class 60, method 70.</summary>
    public const uint Id = (60u << 16) | 70;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicGet Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new BasicGet(queue, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteBits(NoAck);
    }
}

/// <summary><c>basic.get-ok</c> (60, 71), broker to client: one message; its content follows.</summary>
/// <param name="DeliveryTag">Counts from 1 on its channel.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Exchange">Where it was published; empty is the default exchange.</param>
/// <param name="RoutingKey">With which it was published.</param>
/// <param name="MessageCount">Messages still ready.</param>
public readonly record struct BasicGetOk(
    ulong DeliveryTag, bool Redelivered, string Exchange, string RoutingKey, uint MessageCount)
    : IAmqpMethod<BasicGetOk>
{
    /// <summary>Class 60, method 71.</summary>
    public const uint Id = (60u << 16) | 71;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicGetOk Read(ref AmqpReader reader)
    {
        var deliveryTag = reader.ReadLongLong();
        var bits = reader.ReadOctet();
        var exchange = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        var messageCount = reader.ReadLong();
        return new BasicGetOk(deliveryTag, (bits & 1) != 0, exchange, routingKey, messageCount);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLongLong(DeliveryTag);
        writer.WriteBits(Redelivered);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
        writer.WriteLong(MessageCount);
    }
}

/// <summary><c>basic.get-empty</c> (60, 72), broker to client: the queue has no ready message.</summary>
public readonly record struct BasicGetEmpty : IAmqpMethod<BasicGetEmpty>
{
    /// <summary>Class 60, method 72.</summary>
    public const uint Id = (60u << 16) | 72;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicGetEmpty Read(ref AmqpReader reader)
    {
        _ = reader.ReadShortString();
        return default;
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString("");
}
