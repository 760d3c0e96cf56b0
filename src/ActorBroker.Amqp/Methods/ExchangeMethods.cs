using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>exchange.declare</c> (40, 10), client to broker: creates an exchange or checks that it is there. Answered by
/// declare-ok, 404, 406 or 503.
/// </summary>
/// <param name="Exchange">Its name, 1 to 255 bytes.</param>
/// <param name="Type">Such as direct, fanout, topic or headers.</param>
/// <param name="Passive">Only check that it exists (404 if not).</param>
/// <param name="Durable">Survives a restart.</param>
/// <param name="AutoDelete">Goes with its last binding.</param>
/// <param name="Internal">Clients may not publish to it.</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct ExchangeDeclare(
    string Exchange, string Type, bool Passive, bool Durable, bool AutoDelete, bool Internal, bool NoWait, FieldTable
    Arguments)
    : IAmqpMethod<ExchangeDeclare>
{
    /// <summary>Class 40, method 10.</summary>
    public const uint Id = (40u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeDeclare Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var exchange = reader.ReadShortText();
        var type = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new ExchangeDeclare(
            exchange, type, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0,
            arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(Type);
        writer.WriteBits(Passive, Durable, AutoDelete, Internal, NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>exchange.declare-ok</c> (40, 11), broker to client: the exchange is there.</summary>
public readonly record struct ExchangeDeclareOk : IAmqpMethod<ExchangeDeclareOk>
{
    /// <summary>Class 40, method 11.</summary>
    public const uint Id = (40u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeDeclareOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>exchange.delete</c> (40, 20), client to broker: deletes an exchange with its bindings. Answered by delete-ok;
/// one that is missing counts as deleted.
/// </summary>
/// <param name="Exchange">Its name.</param>
/// <param name="IfUnused">Only when nothing is bound to it (406 if something is).</param>
/// <param name="NoWait">No reply is sent.</param>
public readonly record struct ExchangeDelete(string Exchange, bool IfUnused, bool NoWait) : IAmqpMethod<ExchangeDelete>
{
    /// <summary>Class 40, method 20.</summary>
    public const uint Id = (40u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeDelete Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var exchange = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new ExchangeDelete(exchange, (bits & 1) != 0, (bits & 2) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Exchange);
        writer.WriteBits(IfUnused, NoWait);
    }
}

/// <summary><c>exchange.delete-ok</c> (40, 21), broker to client: the exchange is gone.</summary>
public readonly record struct ExchangeDeleteOk : IAmqpMethod<ExchangeDeleteOk>
{
    /// <summary>Class 40, method 21.</summary>
    public const uint Id = (40u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeDeleteOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>exchange.bind</c> (40, 30), client to broker: binds an exchange to an exchange. An extension of RabbitMQ.
/// Answered by bind-ok or 404.
/// </summary>
/// <param name="Destination">Exchange that messages flow to.</param>
/// <param name="Source">Exchange that messages come from.</param>
/// <param name="RoutingKey">Binding key.</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct ExchangeBind(
    string Destination, string Source, string RoutingKey, bool NoWait, FieldTable Arguments)
    : IAmqpMethod<ExchangeBind>
{
    /// <summary>Class 40, method 30.</summary>
    public const uint Id = (40u << 16) | 30;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeBind Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var destination = reader.ReadShortText();
        var source = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new ExchangeBind(destination, source, routingKey, (bits & 1) != 0, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Destination);
        writer.WriteShortString(Source);
        writer.WriteShortString(RoutingKey);
        writer.WriteBits(NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>exchange.bind-ok</c> (40, 31), broker to client: the binding is there.</summary>
public readonly record struct ExchangeBindOk : IAmqpMethod<ExchangeBindOk>
{
    /// <summary>Class 40, method 31.</summary>
    public const uint Id = (40u << 16) | 31;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeBindOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>exchange.unbind</c> (40, 40), client to broker: removes a binding between exchanges. Answered by unbind-ok; its
/// number is 51.
/// </summary>
/// <param name="Destination">Exchange that messages flow to.</param>
/// <param name="Source">Exchange that messages come from.</param>
/// <param name="RoutingKey">Binding key.</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct ExchangeUnbind(
    string Destination, string Source, string RoutingKey, bool NoWait, FieldTable Arguments)
    : IAmqpMethod<ExchangeUnbind>
{
    /// <summary>Class 40, method 40.</summary>
    public const uint Id = (40u << 16) | 40;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeUnbind Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var destination = reader.ReadShortText();
        var source = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new ExchangeUnbind(destination, source, routingKey, (bits & 1) != 0, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Destination);
        writer.WriteShortString(Source);
        writer.WriteShortString(RoutingKey);
        writer.WriteBits(NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>exchange.unbind-ok</c> (40, 51), broker to client: the binding is gone.</summary>
public readonly record struct ExchangeUnbindOk : IAmqpMethod<ExchangeUnbindOk>
{
    /// <summary>Class 40, method 51.</summary>
    public const uint Id = (40u << 16) | 51;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ExchangeUnbindOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
