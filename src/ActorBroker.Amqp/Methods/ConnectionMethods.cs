using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>connection.close</c> (10, 50), both directions: the connection ends. Answered by close-ok; all else is ignored
/// meanwhile.
/// </summary>
/// <param name="ReplyCode">Why.</param>
/// <param name="ReplyText">Why, in words.</param>
/// <param name="ClassId">Class of the method at fault; 0 when none is.</param>
/// <param name="MethodId">Method at fault within its class; 0 when none is.</param>
public readonly record struct ConnectionClose(ReplyCode ReplyCode, string ReplyText, ushort ClassId, ushort MethodId)
    : IAmqpMethod<ConnectionClose>
{
    /// <summary>Class 10, method 50.</summary>
    public const uint Id = (10u << 16) | 50;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionClose Read(ref AmqpReader reader)
    {
        var replyCode = (ReplyCode)reader.ReadShort();
        var replyText = reader.ReadShortText();
        var classId = reader.ReadShort();
        var methodId = reader.ReadShort();
        return new ConnectionClose(replyCode, replyText, classId, methodId);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort((ushort)ReplyCode);
        writer.WriteShortString(ReplyText);
        writer.WriteShort(ClassId);
        writer.WriteShort(MethodId);
    }
}

/// <summary><c>connection.close-ok</c> (10, 51), both directions: nothing more will be sent.</summary>
public readonly record struct ConnectionCloseOk : IAmqpMethod<ConnectionCloseOk>
{
    /// <summary>Class 10, method 51.</summary>
    public const uint Id = (10u << 16) | 51;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionCloseOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>connection.blocked</c> (10, 60), broker to client: publishes are not read for now. An extension of RabbitMQ;
/// sent to clients that have the capability.
/// </summary>
/// <param name="Reason">For people, such as "low on memory".</param>
public readonly record struct ConnectionBlocked(string Reason) : IAmqpMethod<ConnectionBlocked>
{
    /// <summary>Class 10, method 60.</summary>
    public const uint Id = (10u << 16) | 60;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionBlocked Read(ref AmqpReader reader) => new(reader.ReadShortText());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString(Reason);
}

/// <summary>
/// <c>connection.unblocked</c> (10, 61), broker to client: publishes are read again. An extension of RabbitMQ.
/// </summary>
public readonly record struct ConnectionUnblocked : IAmqpMethod<ConnectionUnblocked>
{
    /// <summary>Class 10, method 61.</summary>
    public const uint Id = (10u << 16) | 61;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionUnblocked Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>connection.update-secret</c> (10, 70), client to broker: replaces an expiring credential. An extension of
/// RabbitMQ. Answered by update-secret-ok.
/// </summary>
/// <param name="NewSecret">The new credential.</param>
/// <param name="Reason">For people.</param>
public readonly record struct ConnectionUpdateSecret(LongString NewSecret, string Reason)
    : IAmqpMethod<ConnectionUpdateSecret>
{
    /// <summary>Class 10, method 70.</summary>
    public const uint Id = (10u << 16) | 70;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionUpdateSecret Read(ref AmqpReader reader)
    {
        var newSecret = new LongString(reader.ReadLongString());
        var reason = reader.ReadShortText();
        return new ConnectionUpdateSecret(newSecret, reason);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteLongString(NewSecret.Span);
        writer.WriteShortString(Reason);
    }
}

/// <summary><c>connection.update-secret-ok</c> (10, 71), broker to client: the new credential was taken.</summary>
public readonly record struct ConnectionUpdateSecretOk : IAmqpMethod<ConnectionUpdateSecretOk>
{
    /// <summary>Class 10, method 71.</summary>
    public const uint Id = (10u << 16) | 71;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionUpdateSecretOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
