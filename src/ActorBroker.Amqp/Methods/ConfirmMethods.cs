using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>confirm.select</c> (85, 10), client to broker: from now on publishes are confirmed. An extension of RabbitMQ.
/// Answered by select-ok, or 406 on a tx channel.
/// </summary>
/// <param name="NoWait">No reply is sent.</param>
public readonly record struct ConfirmSelect(bool NoWait) : IAmqpMethod<ConfirmSelect>
{
    /// <summary>Class 85, method 10.</summary>
    public const uint Id = (85u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConfirmSelect Read(ref AmqpReader reader) => new((reader.ReadOctet() & 1) != 0);

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteBits(NoWait);
}

/// <summary><c>confirm.select-ok</c> (85, 11), broker to client: publishes count from 1.</summary>
public readonly record struct ConfirmSelectOk : IAmqpMethod<ConfirmSelectOk>
{
    /// <summary>Class 85, method 11.</summary>
    public const uint Id = (85u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConfirmSelectOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
