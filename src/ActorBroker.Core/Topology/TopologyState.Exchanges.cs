using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <content>Exchanges.</content>
internal sealed partial class TopologyState
{
    /// <summary>The exchange of that name, null when there is none.</summary>
    public ExchangeDefinition? FindExchange(string virtualHost, string name) =>
        _virtualHosts.TryGetValue(virtualHost, out var topology) && topology.Exchanges.TryGetValue(name, out var found)
            ? found.Definition
            : null;

    /// <summary>All exchanges of a virtual host, the predeclared ones included.</summary>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IEnumerable<ExchangeDefinition> Exchanges(string virtualHost) =>
        Host(virtualHost).Exchanges.Values.Select(e => e.Definition);

    /// <summary>The passive form of exchange.declare (40, 10): only the name counts.</summary>
    /// <exception cref="ChannelException">404: there is none; 403: the default exchange.</exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public ExchangeDefinition CheckExchange(string virtualHost, string name)
    {
        name = EntityName.Clean(name);
        RefuseDefaultExchange(name);
        return Host(virtualHost).Exchanges.TryGetValue(name, out var found)
            ? found.Definition
            : throw TopologyErrors.NoExchange(virtualHost, name);
    }

    /// <summary>exchange.declare (40, 10); nothing when an equal one is there.</summary>
    /// <param name="declaration">What is asked for.</param>
    /// <param name="access">What who asks may do; null for everything.</param>
    /// <exception cref="ChannelException">
    /// 406: unknown type, not what is there already, or a bad argument; 403: the default exchange, a reserved name, or a right is missing.
    /// </exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideExchangeDeclare(ExchangeDeclaration declaration, AccessControl? access = null)
    {
        var host = declaration.VirtualHost;
        var name = EntityName.Clean(declaration.Name);
        var topology = Host(host);
        if (!ExchangeTypes.TryParse(declaration.Type, out var type))
        {
            throw TopologyErrors.UnknownExchangeType(declaration.Type);
        }

        RefuseDefaultExchange(name);
        access?.CheckExchangeDeclare(name);
        if (topology.Exchanges.TryGetValue(name, out var known))
        {
            RequireEquivalent(known.Definition, type, declaration);
            return [];
        }

        RefuseReserved("exchange", name);
        access?.CheckExchangeArguments(name, declaration.Arguments); // only now are they to have an effect
        RefuseBadAlternate(declaration.Arguments, TopologyErrors.Exchange(host, name));
        NameArguments.CheckExchange(declaration.Arguments, host, name);
        return
        [
            new TopologyEvents.ExchangeDeclared(new ExchangeDefinition(
                host,
                name,
                type,
                declaration.Durable,
                declaration.AutoDelete,
                declaration.Internal,
                declaration.Arguments)),
        ];
    }

    /// <summary>
    /// exchange.delete (40, 20): the exchange and all bindings from and to it; nothing when there is none.
    /// </summary>
    /// <param name="virtualHost">The virtual host of the connection.</param>
    /// <param name="name">The name.</param>
    /// <param name="ifUnused">Only when no binding starts at it.</param>
    /// <param name="access">What who asks may do; null for everything.</param>
    /// <exception cref="ChannelException">403: the default or a predeclared exchange, or a right is missing; 406: it is in use.</exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideExchangeDelete(
        string virtualHost, string name, bool ifUnused, AccessControl? access = null)
    {
        name = EntityName.Clean(name);
        var topology = Host(virtualHost);
        RefuseDefaultExchange(name);
        if (EntityName.IsReserved(name))
        {
            throw TopologyErrors.SystemExchange(virtualHost, name);
        }

        access?.CheckExchangeDelete(name);
        if (!topology.Exchanges.TryGetValue(name, out var exchange))
        {
            return [];
        }

        if (ifUnused && exchange.Outgoing.Count > 0)
        {
            throw TopologyErrors.ExchangeInUse(virtualHost, name);
        }

        var removal = new Removal(topology);
        removal.DeleteExchange(exchange);
        return removal.Events;
    }

    private static void RequireEquivalent(ExchangeDefinition known, ExchangeType type, ExchangeDeclaration received)
    {
        var resource = TopologyErrors.Exchange(known.VirtualHost, known.Name);
        Equivalence.RequireSame(known.Type.WireName, type.WireName, "type", resource);
        Equivalence.RequireSame(known.Durable, received.Durable, "durable", resource);
        Equivalence.RequireSame(known.AutoDelete, received.AutoDelete, "auto_delete", resource);
        Equivalence.RequireSame(known.Internal, received.Internal, "internal", resource);
        Equivalence.RequireSameArgument(
            known.Arguments, received.Arguments, ExchangeDefinition.AlternateExchangeArgument, resource);
    }

    private static void RefuseBadAlternate(FieldTable arguments, string resource)
    {
        if (FieldTableBytes.TryFind(arguments.Encoded, "alternate-exchange"u8, out var type, out _)
            && type != FieldType.LongString)
        {
            throw TopologyErrors.InvalidArgumentType(
                ReplyTerms.TypeName(type), ExchangeDefinition.AlternateExchangeArgument, resource);
        }
    }
}
