using System.Text;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Topology;

/// <summary>
/// All virtual hosts of a node with their exchanges, queues and bindings, and its users. <c>Decide…</c> answers what a request
/// would change, or throws what the client is to be told; <see cref="Apply"/> is the only thing that changes anything.
/// </summary>
/// <param name="strictDurabilityBinding">
/// True refuses bindings between a durable and a non-durable entity with 406, as brokers of AMQP 0-8 did.
/// </param>
/// <param name="configured">What the configuration names: it is there in any case and not to be removed by command.</param>
/// <remarks>No decision looks at more than the entities it is about: its cost does not grow with the broker.</remarks>
internal sealed partial class TopologyState(bool strictDurabilityBinding = false, ConfiguredTopology? configured = null)
{
    private static readonly (string Name, ExchangeType Type, bool Internal)[] Predeclared =
    [
        ("", ExchangeType.Direct, false),
        ("amq.direct", ExchangeType.Direct, false),
        ("amq.fanout", ExchangeType.Fanout, false),
        ("amq.topic", ExchangeType.Topic, false),
        ("amq.headers", ExchangeType.Headers, false),
        ("amq.match", ExchangeType.Headers, false),
        ("amq.rabbitmq.trace", ExchangeType.Topic, true),
    ];

    private readonly Dictionary<string, VirtualHostTopology> _virtualHosts = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HashSet<(string VirtualHost, string Queue)>> _exclusive = [];
    private readonly ConfiguredTopology _configured = configured ?? ConfiguredTopology.None;

    /// <summary>The names of all virtual hosts.</summary>
    public IReadOnlyCollection<string> VirtualHosts => _virtualHosts.Keys;

    /// <summary>True when there is such a virtual host.</summary>
    public bool HasVirtualHost(string name) => _virtualHosts.ContainsKey(name);

    /// <summary>Adds a virtual host with its predeclared exchanges; nothing when it is there.</summary>
    /// <exception cref="RefusedException">The name is empty, too long, or has control characters.</exception>
    public IReadOnlyList<ITopologyEvent> DecideVirtualHostAdd(string name)
    {
        if (_virtualHosts.ContainsKey(name))
        {
            return [];
        }

        RefuseBadName("vhost", name);
        return
        [
            new TopologyEvents.VirtualHostAdded(name),
            .. PredeclaredOf(name).Select(e => new TopologyEvents.ExchangeDeclared(e, Implied: true)),
        ];
    }

    /// <summary>Removes a virtual host with all that is in it and all permissions in it; nothing when there is none.</summary>
    /// <exception cref="RefusedException">It stands in the configuration: the next start would bring it back, empty.</exception>
    public IReadOnlyList<ITopologyEvent> DecideVirtualHostRemove(string name)
    {
        if (!_virtualHosts.TryGetValue(name, out var topology))
        {
            return [];
        }

        if (_configured.VirtualHosts.Contains(name))
        {
            throw new RefusedException(
                RefusalReason.Configured, $"vhost '{name}' stands in the configuration (actor-broker.vhosts): take it out there and start anew first");
        }

        return
        [
            .. topology.Queues.Values.Select(q => new TopologyEvents.QueueDeleted(q.Definition, Implied: true)),
            .. topology.Exchanges.Values.Select(e => new TopologyEvents.ExchangeDeleted(e.Definition, Implied: true)),
            new TopologyEvents.VirtualHostRemoved(name),
        ];
    }

    /// <summary>A connection is gone, and with it its exclusive queues.</summary>
    /// <param name="connectionId">The connection that declared them.</param>
    public IReadOnlyList<ITopologyEvent> DecideConnectionLost(long connectionId)
    {
        if (!_exclusive.TryGetValue(connectionId, out var owned))
        {
            return [];
        }

        // One removal for each virtual host: a binding count is kept across queues. A connection uses one.
        var events = new List<ITopologyEvent>();
        foreach (var queues in owned.GroupBy(k => k.VirtualHost))
        {
            var topology = _virtualHosts[queues.Key];
            var removal = new Removal(topology);
            foreach (var (_, queue) in queues)
            {
                removal.DeleteQueue(topology.Queues[queue]);
            }

            events.AddRange(removal.Events);
        }

        return events;
    }

    /// <summary>The one place where anything changes.</summary>
    public void Apply(ITopologyEvent @event)
    {
        switch (@event)
        {
            case TopologyEvents.VirtualHostAdded e:
                _virtualHosts.TryAdd(e.VirtualHost, NewHost(e.VirtualHost));
                break;
            case TopologyEvents.VirtualHostRemoved e:
                _virtualHosts.Remove(e.VirtualHost);
                ClearPermissions(e.VirtualHost);
                break;
            case TopologyEvents.ExchangeDeclared e:
                _virtualHosts[e.Exchange.VirtualHost].Exchanges.TryAdd(e.Exchange.Name, new ExchangeNode(e.Exchange)); // the implied are there
                break;
            case TopologyEvents.ExchangeDeleted e:
                _virtualHosts[e.Exchange.VirtualHost].RemoveExchange(e.Exchange.Name);
                break;
            case TopologyEvents.QueueDeclared e:
                _virtualHosts[e.Queue.VirtualHost].Queues.Add(e.Queue.Name, new QueueNode(e.Queue));
                Own(e.Queue);
                HighestUid = Math.Max(HighestUid, e.Queue.Uid);
                break;
            case TopologyEvents.QueueDeleted e:
                _virtualHosts[e.Queue.VirtualHost].RemoveQueue(e.Queue.Name);
                Disown(e.Queue);
                break;
            case TopologyEvents.Bound e:
                _virtualHosts[e.Binding.VirtualHost].Bind(e.Binding);
                break;
            case TopologyEvents.Unbound e:
                _virtualHosts[e.Binding.VirtualHost].Unbind(e.Binding);
                break;
            case TopologyEvents.StoreCreated e:
                QueueGroups = e.QueueGroups;
                break;
            case TopologyEvents.UidsUsed e:
                HighestUid = Math.Max(HighestUid, e.Highest);
                break;
            default:
                ApplyToUsers(@event);
                break;
        }
    }

    private static IEnumerable<ExchangeDefinition> PredeclaredOf(string virtualHost) => Predeclared.Select(e =>
        new ExchangeDefinition(virtualHost, e.Name, e.Type, Durable: true, AutoDelete: false, e.Internal, FieldTable.Empty));

    /// <summary>Also after a restart, with those that only this version of the broker predeclares.</summary>
    private static VirtualHostTopology NewHost(string name)
    {
        var topology = new VirtualHostTopology();
        foreach (var exchange in PredeclaredOf(name))
        {
            topology.Exchanges.Add(exchange.Name, new ExchangeNode(exchange));
        }

        return topology;
    }

    private static void RefuseBadName(string kind, string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > 255 || name.Any(char.IsControl) || name.EnumerateRunes().Contains(Rune.ReplacementChar))
        {
            throw new RefusedException(
                RefusalReason.Invalid, $"{kind} name '{name}' must have 1 to 255 bytes of UTF-8 and no control characters");
        }
    }

    private static void RefuseDefaultExchange(string name)
    {
        if (name.Length == 0)
        {
            throw TopologyErrors.DefaultExchange();
        }
    }

    private static void RefuseReserved(string kind, string name)
    {
        if (EntityName.IsReserved(name))
        {
            throw TopologyErrors.ReservedName(kind, name);
        }
    }

    private VirtualHostTopology Host(string name) =>
        _virtualHosts.TryGetValue(name, out var topology) ? topology : throw TopologyErrors.NoVirtualHost(name);

    private void Own(QueueDefinition queue)
    {
        if (queue.ExclusiveOwner is not { } owner)
        {
            return;
        }

        if (!_exclusive.TryGetValue(owner, out var owned))
        {
            _exclusive.Add(owner, owned = []);
        }

        owned.Add((queue.VirtualHost, queue.Name));
    }

    private void Disown(QueueDefinition queue)
    {
        if (queue.ExclusiveOwner is { } owner
            && _exclusive.TryGetValue(owner, out var owned)
            && owned.Remove((queue.VirtualHost, queue.Name))
            && owned.Count == 0)
        {
            _exclusive.Remove(owner);
        }
    }
}
