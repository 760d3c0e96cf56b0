using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Topology;

/// <summary>An exchange as it was declared.</summary>
/// <param name="VirtualHost">The virtual host it lives in.</param>
/// <param name="Name">Its name; empty for the default exchange.</param>
/// <param name="Type">How it routes.</param>
/// <param name="Durable">True when it survives a restart.</param>
/// <param name="AutoDelete">True when it goes with the last binding that starts at it.</param>
/// <param name="Internal">True when only exchanges may publish to it.</param>
/// <param name="Arguments">All arguments, known or not.</param>
internal sealed record ExchangeDefinition(
    string VirtualHost,
    string Name,
    ExchangeType Type,
    bool Durable,
    bool AutoDelete,
    bool Internal,
    FieldTable Arguments)
{
    /// <summary>Name of the argument that names the alternate exchange.</summary>
    public const string AlternateExchangeArgument = "alternate-exchange";

    /// <summary>Name of the exchange that gets what this one cannot route, null for none.</summary>
    public string? AlternateExchange => Arguments[AlternateExchangeArgument] as string;
}
