using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Topology;

/// <summary>What a binding leads to.</summary>
internal enum DestinationKind
{
    /// <summary>queue.bind (50, 20).</summary>
    Queue,

    /// <summary>exchange.bind (40, 30).</summary>
    Exchange,
}

/// <summary>
/// A binding. Two with equal ends, key and arguments are the same binding; whether it is durable follows from its ends.
/// </summary>
/// <param name="VirtualHost">The virtual host it lives in.</param>
/// <param name="Source">Name of the exchange it starts at.</param>
/// <param name="Kind">Whether it leads to a queue or to an exchange.</param>
/// <param name="Destination">Name of that queue or exchange.</param>
/// <param name="BindingKey">The binding key, 0 to 255 bytes.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Durable">True when both ends are durable.</param>
internal sealed record BindingDefinition(
    string VirtualHost,
    string Source,
    DestinationKind Kind,
    string Destination,
    string BindingKey,
    FieldTable Arguments,
    bool Durable)
{
    private readonly BindingArguments _arguments = new(Arguments);

    /// <inheritdoc/>
    public bool Equals(BindingDefinition? other) =>
        other is not null
        && Kind == other.Kind
        && VirtualHost == other.VirtualHost
        && Source == other.Source
        && Destination == other.Destination
        && BindingKey == other.BindingKey
        && _arguments.Equals(other._arguments);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Kind, Source, Destination, BindingKey, _arguments.GetHashCode());
}
