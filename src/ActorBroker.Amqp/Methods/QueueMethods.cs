using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>queue.declare</c> (50, 10), client to broker: creates a queue or checks that it is there. Answered by
/// declare-ok, 404, 405 or 406.
/// </summary>
/// <param name="Queue">Its name; empty asks the broker to make one up.</param>
/// <param name="Passive">Only check that it exists (404 if not).</param>
/// <param name="Durable">Survives a restart.</param>
/// <param name="Exclusive">For this connection only, and gone with it.</param>
/// <param name="AutoDelete">Goes with its last consumer.</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct QueueDeclare(
    string Queue, bool Passive, bool Durable, bool Exclusive, bool AutoDelete, bool NoWait, FieldTable Arguments)
    : IAmqpMethod<QueueDeclare>
{
    /// <summary>Class 50, method 10.</summary>
    public const uint Id = (50u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueDeclare Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new QueueDeclare(
            queue, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteBits(Passive, Durable, Exclusive, AutoDelete, NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>queue.declare-ok</c> (50, 11), broker to client: the queue is there.</summary>
/// <param name="Queue">Its name, made up or not.</param>
/// <param name="MessageCount">Messages ready for delivery.</param>
/// <param name="ConsumerCount">Consumers on it.</param>
public readonly record struct QueueDeclareOk(string Queue, uint MessageCount, uint ConsumerCount)
    : IAmqpMethod<QueueDeclareOk>
{
    /// <summary>Class 50, method 11.</summary>
    public const uint Id = (50u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueDeclareOk Read(ref AmqpReader reader)
    {
        var queue = reader.ReadShortText();
        var messageCount = reader.ReadLong();
        var consumerCount = reader.ReadLong();
        return new QueueDeclareOk(queue, messageCount, consumerCount);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShortString(Queue);
        writer.WriteLong(MessageCount);
        writer.WriteLong(ConsumerCount);
    }
}

/// <summary>
/// <c>queue.bind</c> (50, 20), client to broker: binds a queue to an exchange. Answered by bind-ok or 404.
/// </summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="Exchange">Where messages come from.</param>
/// <param name="RoutingKey">Binding key.</param>
/// <param name="NoWait">No reply is sent.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct QueueBind(
    string Queue, string Exchange, string RoutingKey, bool NoWait, FieldTable Arguments)
    : IAmqpMethod<QueueBind>
{
    /// <summary>Class 50, method 20.</summary>
    public const uint Id = (50u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueBind Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var exchange = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        var bits = reader.ReadOctet();
        var arguments = reader.ReadTable();
        return new QueueBind(queue, exchange, routingKey, (bits & 1) != 0, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
        writer.WriteBits(NoWait);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>queue.bind-ok</c> (50, 21), broker to client: the binding is there.</summary>
public readonly record struct QueueBindOk : IAmqpMethod<QueueBindOk>
{
    /// <summary>Class 50, method 21.</summary>
    public const uint Id = (50u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueBindOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>queue.purge</c> (50, 30), client to broker: drops all ready messages. Answered by purge-ok or 404.
/// </summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="NoWait">No reply is sent.</param>
public readonly record struct QueuePurge(string Queue, bool NoWait) : IAmqpMethod<QueuePurge>
{
    /// <summary>Class 50, method 30.</summary>
    public const uint Id = (50u << 16) | 30;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueuePurge Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new QueuePurge(queue, (bits & 1) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteBits(NoWait);
    }
}

/// <summary><c>queue.purge-ok</c> (50, 31), broker to client: the queue was emptied.</summary>
/// <param name="MessageCount">Messages dropped.</param>
public readonly record struct QueuePurgeOk(uint MessageCount) : IAmqpMethod<QueuePurgeOk>
{
    /// <summary>Class 50, method 31.</summary>
    public const uint Id = (50u << 16) | 31;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueuePurgeOk Read(ref AmqpReader reader) => new(reader.ReadLong());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteLong(MessageCount);
}

/// <summary>
/// <c>queue.delete</c> (50, 40), client to broker: deletes a queue. Answered by delete-ok or 406; one that is missing
/// counts as deleted.
/// </summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="IfUnused">Only without consumers (406 otherwise).</param>
/// <param name="IfEmpty">Only without messages (406 otherwise).</param>
/// <param name="NoWait">No reply is sent.</param>
public readonly record struct QueueDelete(string Queue, bool IfUnused, bool IfEmpty, bool NoWait)
    : IAmqpMethod<QueueDelete>
{
    /// <summary>Class 50, method 40.</summary>
    public const uint Id = (50u << 16) | 40;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueDelete Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var bits = reader.ReadOctet();
        return new QueueDelete(queue, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteBits(IfUnused, IfEmpty, NoWait);
    }
}

/// <summary><c>queue.delete-ok</c> (50, 41), broker to client: the queue is gone.</summary>
/// <param name="MessageCount">Messages that went with it.</param>
public readonly record struct QueueDeleteOk(uint MessageCount) : IAmqpMethod<QueueDeleteOk>
{
    /// <summary>Class 50, method 41.</summary>
    public const uint Id = (50u << 16) | 41;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueDeleteOk Read(ref AmqpReader reader) => new(reader.ReadLong());

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteLong(MessageCount);
}

/// <summary>
/// <c>queue.unbind</c> (50, 50), client to broker: removes a binding. Answered by unbind-ok. The only one of its kind
/// without no-wait.
/// </summary>
/// <param name="Queue">Its name; empty for the one declared last on this channel.</param>
/// <param name="Exchange">Where messages come from.</param>
/// <param name="RoutingKey">Binding key.</param>
/// <param name="Arguments">Extensions to AMQP; empty when there are none.</param>
public readonly record struct QueueUnbind(string Queue, string Exchange, string RoutingKey, FieldTable Arguments)
    : IAmqpMethod<QueueUnbind>
{
    /// <summary>Class 50, method 50.</summary>
    public const uint Id = (50u << 16) | 50;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueUnbind Read(ref AmqpReader reader)
    {
        _ = reader.ReadShort(); // reserved-1, once the access ticket
        var queue = reader.ReadShortText();
        var exchange = reader.ReadShortText();
        var routingKey = reader.ReadShortText();
        var arguments = reader.ReadTable();
        return new QueueUnbind(queue, exchange, routingKey, arguments);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(0);
        writer.WriteShortString(Queue);
        writer.WriteShortString(Exchange);
        writer.WriteShortString(RoutingKey);
        writer.WriteTable(Arguments);
    }
}

/// <summary><c>queue.unbind-ok</c> (50, 51), broker to client: the binding is gone.</summary>
public readonly record struct QueueUnbindOk : IAmqpMethod<QueueUnbindOk>
{
    /// <summary>Class 50, method 51.</summary>
    public const uint Id = (50u << 16) | 51;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static QueueUnbindOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
