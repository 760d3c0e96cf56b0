using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// topic: keys are words between dots. In a binding key <c>*</c> stands for exactly one word and <c>#</c> for any
/// number of them, none included.
/// </summary>
internal sealed class TopicTable : RoutingTable
{
    private readonly TopicNode _root = new();

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination) =>
        _root.Add(new TopicWords(bindingKey), destination);

    /// <inheritdoc/>
    public override bool Remove(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination) =>
        _root.Remove(new TopicWords(bindingKey), destination);

    internal override void Match(ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> headers, RouteResult result) =>
        result.TopicMatcher.Match(_root, routingKey, result);
}
