using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>basic.ack</c> (60, 80), both directions: deliveries are done; broker to client it confirms publishes. Unknown
/// tag: 406.
/// </summary>
/// <param name="DeliveryTag">Counts from 1 on its channel; 0 with multiple means all.</param>
/// <param name="Multiple">This tag and all before it.</param>
public readonly record struct BasicAck(ulong DeliveryTag, bool Multiple) : IAmqpMethod<BasicAck>
{
    /// <summary>Class 60, method 80.</summary>
    public const uint Id = (60u << 16) | 80;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicAck Read(ref AmqpReader reader)
    {
        var deliveryTag = reader.ReadLongLong();
        var bits = reader.ReadOctet();
        return new BasicAck(deliveryTag, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLongLong(DeliveryTag);
        writer.WriteBits(Multiple);
    }
}

/// <summary><c>basic.reject</c> (60, 90), client to broker: one delivery was not handled. Unknown tag: 406.</summary>
/// <param name="DeliveryTag">Counts from 1 on its channel.</param>
/// <param name="Requeue">True: back into the queue. False: dropped or dead-lettered.</param>
public readonly record struct BasicReject(ulong DeliveryTag, bool Requeue) : IAmqpMethod<BasicReject>
{
    /// <summary>Class 60, method 90.</summary>
    public const uint Id = (60u << 16) | 90;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicReject Read(ref AmqpReader reader)
    {
        var deliveryTag = reader.ReadLongLong();
        var bits = reader.ReadOctet();
        return new BasicReject(deliveryTag, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLongLong(DeliveryTag);
        writer.WriteBits(Requeue);
    }
}

/// <summary>
/// <c>basic.recover-async</c> (60, 100), client to broker: as recover, without an answer. Deprecated.
/// </summary>
/// <param name="Requeue">RabbitMQ refuses false with 540.</param>
public readonly record struct BasicRecoverAsync(bool Requeue) : IAmqpMethod<BasicRecoverAsync>
{
    /// <summary>Class 60, method 100.</summary>
    public const uint Id = (60u << 16) | 100;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicRecoverAsync Read(ref AmqpReader reader) => new((reader.ReadOctet() & 1) != 0);

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteBits(Requeue);
}

/// <summary>
/// <c>basic.recover</c> (60, 110), client to broker: requeues all unacknowledged deliveries of the channel. Answered
/// by recover-ok.
/// </summary>
/// <param name="Requeue">RabbitMQ refuses false with 540.</param>
public readonly record struct BasicRecover(bool Requeue) : IAmqpMethod<BasicRecover>
{
    /// <summary>Class 60, method 110.</summary>
    public const uint Id = (60u << 16) | 110;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicRecover Read(ref AmqpReader reader) => new((reader.ReadOctet() & 1) != 0);

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteBits(Requeue);
}

/// <summary><c>basic.recover-ok</c> (60, 111), broker to client: they were requeued.</summary>
public readonly record struct BasicRecoverOk : IAmqpMethod<BasicRecoverOk>
{
    /// <summary>Class 60, method 111.</summary>
    public const uint Id = (60u << 16) | 111;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicRecoverOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>basic.nack</c> (60, 120), both directions: deliveries were not handled; broker to client a publish was not
/// taken. An extension of RabbitMQ.
/// </summary>
/// <param name="DeliveryTag">Counts from 1 on its channel; 0 with multiple means all.</param>
/// <param name="Multiple">This tag and all before it.</param>
/// <param name="Requeue">True: back into the queue. False: dropped or dead-lettered.</param>
public readonly record struct BasicNack(ulong DeliveryTag, bool Multiple, bool Requeue) : IAmqpMethod<BasicNack>
{
    /// <summary>Class 60, method 120.</summary>
    public const uint Id = (60u << 16) | 120;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static BasicNack Read(ref AmqpReader reader)
    {
        var deliveryTag = reader.ReadLongLong();
        var bits = reader.ReadOctet();
        return new BasicNack(deliveryTag, (bits & 1) != 0, (bits & 2) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLongLong(DeliveryTag);
        writer.WriteBits(Multiple, Requeue);
    }
}
