using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>access.request</c> (30, 10), client to broker: asks for an access ticket. A leftover of AMQP 0-8 that old
/// clients still send. Answered by request-ok.
/// </summary>
/// <param name="Realm">Ignored.</param>
/// <param name="Exclusive">Ignored.</param>
/// <param name="Passive">Ignored.</param>
/// <param name="Active">Ignored.</param>
/// <param name="WriteAccess">Ignored.</param>
/// <param name="ReadAccess">Ignored.</param>
public readonly record struct AccessRequest(
    string Realm, bool Exclusive, bool Passive, bool Active, bool WriteAccess, bool ReadAccess)
    : IAmqpMethod<AccessRequest>
{
    /// <summary>Class 30, method 10.</summary>
    public const uint Id = (30u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static AccessRequest Read(ref AmqpReader reader)
    {
        var realm = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new AccessRequest(
            realm, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShortString(Realm);
        writer.WriteBits(Exclusive, Passive, Active, WriteAccess, ReadAccess);
    }
}

/// <summary><c>access.request-ok</c> (30, 11), broker to client: a ticket that means nothing.</summary>
/// <param name="Ticket">RabbitMQ sends 1.</param>
public readonly record struct AccessRequestOk(ushort Ticket) : IAmqpMethod<AccessRequestOk>
{
    /// <summary>Class 30, method 11.</summary>
    public const uint Id = (30u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static AccessRequestOk Read(ref AmqpReader reader) => new(reader.ReadShort());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShort(Ticket);
}
