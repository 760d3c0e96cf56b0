using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>fanout: every binding matches every message.</summary>
internal sealed class FanoutTable : RoutingTable
{
    private readonly DestinationSet _destinations = new();

    internal override bool LooksAtRoutingKey => false;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination) =>
        _destinations.Add(destination);

    /// <inheritdoc/>
    public override bool Remove(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination) =>
        _destinations.Remove(destination);

    internal override void Match(ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> headers, RouteResult result) =>
        _destinations.CollectInto(result);
}
