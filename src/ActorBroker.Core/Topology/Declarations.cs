using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Topology;

/// <summary>What exchange.declare (40, 10) asks for.</summary>
/// <param name="VirtualHost">The virtual host of the connection.</param>
/// <param name="Name">The name; carriage returns and line feeds in it are dropped, as RabbitMQ does.</param>
/// <param name="Type">Name of the exchange type.</param>
/// <param name="Durable">Shall survive a restart.</param>
/// <param name="AutoDelete">Shall go with the last binding that starts at it.</param>
/// <param name="Internal">Only exchanges may publish to it.</param>
/// <param name="Arguments">All arguments, known or not.</param>
internal sealed record ExchangeDeclaration(
    string VirtualHost,
    string Name,
    string Type,
    bool Durable,
    bool AutoDelete,
    bool Internal,
    FieldTable Arguments);

/// <summary>What queue.declare (50, 10) asks for.</summary>
/// <param name="VirtualHost">The virtual host of the connection.</param>
/// <param name="Name">The name, made by the broker when <paramref name="ServerNamed"/>.</param>
/// <param name="Durable">Shall survive a restart; has no effect on an exclusive queue.</param>
/// <param name="Exclusive">Only the declaring connection may use it, and it goes with that connection.</param>
/// <param name="AutoDelete">Shall go with its last consumer.</param>
/// <param name="Arguments">All arguments, known or not.</param>
/// <param name="ServerNamed">The client left the name empty, so the reserved prefix is allowed.</param>
internal sealed record QueueDeclaration(
    string VirtualHost,
    string Name,
    bool Durable,
    bool Exclusive,
    bool AutoDelete,
    FieldTable Arguments,
    bool ServerNamed = false);

/// <summary>
/// What queue.bind (50, 20), queue.unbind (50, 50), exchange.bind (40, 30), exchange.unbind (40, 40) ask for.
/// </summary>
/// <param name="VirtualHost">The virtual host of the connection.</param>
/// <param name="Source">The exchange the binding starts at.</param>
/// <param name="Kind">Whether it leads to a queue or to an exchange.</param>
/// <param name="Destination">Name of that queue or exchange.</param>
/// <param name="BindingKey">The binding key, 0 to 255 bytes.</param>
/// <param name="Arguments">The arguments.</param>
internal sealed record BindingRequest(
    string VirtualHost,
    string Source,
    DestinationKind Kind,
    string Destination,
    string BindingKey,
    FieldTable Arguments);
