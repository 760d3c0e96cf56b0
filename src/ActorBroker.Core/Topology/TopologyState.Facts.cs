namespace ActorBroker.Core.Topology;

/// <content>The state as the events that lead to it.</content>
internal sealed partial class TopologyState
{
    /// <summary>The highest uid that a queue has ever had, 0 before the first; the next one is higher.</summary>
    public long HighestUid { get; private set; }

    /// <summary>How many logs hold the queues of this store, null while there is no store.</summary>
    public int? QueueGroups { get; private set; }

    /// <summary>All of a virtual host: applied to a new state they give the same again.</summary>
    public IEnumerable<ITopologyEvent> FactsOf(string virtualHost)
    {
        var topology = _virtualHosts[virtualHost];
        var predeclared = Predeclared.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            new TopologyEvents.VirtualHostAdded(virtualHost),
            .. topology.Exchanges.Values.Select(
                e => new TopologyEvents.ExchangeDeclared(e.Definition, Implied: predeclared.Contains(e.Definition.Name))),
            .. topology.Queues.Values.Select(q => new TopologyEvents.QueueDeclared(q.Definition)),
            .. topology.Exchanges.Values.SelectMany(e => e.Outgoing, (_, b) => new TopologyEvents.Bound(b)),
        ];
    }

    /// <summary>All that a restart must know: the content of a snapshot.</summary>
    public IEnumerable<ITopologyEvent> JournaledFacts()
    {
        if (QueueGroups is { } groups)
        {
            yield return new TopologyEvents.StoreCreated(groups);
        }

        yield return new TopologyEvents.UidsUsed(HighestUid);
        foreach (var fact in _virtualHosts.Keys.SelectMany(FactsOf).Where(f => f.Journaled))
        {
            yield return fact;
        }

        foreach (var name in _written)
        {
            yield return new TopologyEvents.UserPut(Users[name]);
            foreach (var topics in TopicsOf(Users[name]))
            {
                yield return topics;
            }
        }
    }
}
