using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <content>Bindings.</content>
internal sealed partial class TopologyState
{
    /// <summary>The bindings that start at an exchange; none when there is no such exchange.</summary>
    public IReadOnlyCollection<BindingDefinition> BindingsFrom(string virtualHost, string exchange) =>
        _virtualHosts.TryGetValue(virtualHost, out var topology)
        && topology.Exchanges.TryGetValue(exchange, out var found)
            ? found.Outgoing
            : [];

    /// <summary>The bindings that lead to a queue or an exchange; none when there is no such entity.</summary>
    public IReadOnlyCollection<BindingDefinition> BindingsTo(string virtualHost, DestinationKind kind, string name) =>
        _virtualHosts.TryGetValue(virtualHost, out var topology) && topology.FindTarget(kind, name) is { } found
            ? found.Incoming
            : [];

    /// <summary>queue.bind (50, 20) and exchange.bind (40, 30); nothing when the binding is there.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="connectionId">The connection that asks.</param>
    /// <param name="access">What who asks may do; null for everything.</param>
    /// <exception cref="ChannelException">
    /// 403: the default exchange, or a right is missing; 404: no such exchange or queue; 405: the queue is exclusive to another connection;
    /// 406: arguments a headers exchange does not understand, or mixed durability where that is refused.
    /// </exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideBind(BindingRequest request, long connectionId, AccessControl? access = null)
    {
        var topology = Host(request.VirtualHost);
        var (source, destination) = CleanEnds(request, access);
        if (!topology.TryGetEnds(source, request.Kind, destination, out var from, out var to))
        {
            throw from is null
                ? TopologyErrors.NoExchange(request.VirtualHost, source)
                : request.Kind == DestinationKind.Queue
                    ? TopologyErrors.NoQueue(request.VirtualHost, destination)
                    : TopologyErrors.NoExchange(request.VirtualHost, destination);
        }

        CheckTopic(from, request, access);
        if (to is QueueNode queue)
        {
            CheckExclusive(queue.Definition, connectionId);
        }

        if (from.Definition.Type == ExchangeType.Headers)
        {
            HeadersRule.Validate(request.Arguments);
        }

        var binding = new BindingDefinition(
            request.VirtualHost,
            source,
            request.Kind,
            destination,
            request.BindingKey,
            request.Arguments,
            Durable: from.Durable && to.Durable);
        if (from.Outgoing.Contains(binding))
        {
            return [];
        }

        if (strictDurabilityBinding && from.Durable != to.Durable)
        {
            throw from.Durable
                ? TopologyErrors.MixedDurability(from.Text, to.Text)
                : TopologyErrors.MixedDurability(to.Text, from.Text);
        }

        return [new TopologyEvents.Bound(binding)];
    }

    /// <summary>
    /// queue.unbind (50, 50) and exchange.unbind (40, 40): the binding, and its exchange when that is auto-delete and
    /// this was its last. Nothing when there is no such binding, exchange or queue.
    /// </summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="connectionId">The connection that asks.</param>
    /// <param name="access">What who asks may do; null for everything.</param>
    /// <exception cref="ChannelException">
    /// 403: the default exchange, or a right is missing; 405: the queue is exclusive to another connection.
    /// </exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideUnbind(BindingRequest request, long connectionId, AccessControl? access = null)
    {
        var topology = Host(request.VirtualHost);
        var (source, destination) = CleanEnds(request, access);
        if (!topology.TryGetEnds(source, request.Kind, destination, out var from, out var to))
        {
            return [];
        }

        CheckTopic(from, request, access);
        var binding = new BindingDefinition(
            request.VirtualHost,
            source,
            request.Kind,
            destination,
            request.BindingKey,
            request.Arguments,
            Durable: from.Durable && to.Durable);
        if (!from.Outgoing.Contains(binding))
        {
            return [];
        }

        if (to is QueueNode queue)
        {
            CheckExclusive(queue.Definition, connectionId);
        }

        var removal = new Removal(topology);
        removal.Unbind(binding);
        return removal.Events;
    }

    private static void CheckTopic(ExchangeNode source, BindingRequest request, AccessControl? access)
    {
        if (source.Definition.Type == ExchangeType.Topic)
        {
            access?.CheckTopicBind(source.Definition.Name, request.BindingKey);
        }
    }

    private static (string Source, string Destination) CleanEnds(BindingRequest request, AccessControl? access)
    {
        var source = EntityName.Clean(request.Source);
        var destination = EntityName.Clean(request.Destination);
        if (request.Kind == DestinationKind.Exchange)
        {
            RefuseDefaultExchange(destination);
        }

        RefuseDefaultExchange(source);
        if (request.Kind == DestinationKind.Queue)
        {
            access?.CheckQueueBind(destination, source);
        }
        else
        {
            access?.CheckExchangeBind(destination, source);
        }

        return (source, destination);
    }
}
