using ActorBroker.Core.Topology;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>All queue groups of a broker. Which queue belongs to which never changes, so neither does their number.</summary>
internal sealed class QueueGroupSet
{
    private readonly IActorRef[] _groups;

    public QueueGroupSet(IGroupHost host, int count)
    {
        _groups = new IActorRef[count];
        for (var i = 0; i < count; i++)
        {
            _groups[i] = host.System.ActorOf(QueueGroupActor.Props(i, host), $"actor-broker-group-{i}");
        }
    }

    public IReadOnlyList<IActorRef> All => _groups;

    /// <summary>The group of a queue: a stable hash of its uid, never of its name.</summary>
    public IActorRef Of(QueueDefinition queue) => _groups[Mix((ulong)queue.Uid) % (ulong)_groups.Length];

    /// <summary>The finalizer of SplitMix64. Stored data depends on it: it never changes.</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
