using ActorBroker.Addresses;
using ActorBroker.Core.Topology;
using Akka.Actor;

namespace ActorBroker.VirtualHosts;

/// <summary>Everything one may say to a <see cref="VirtualHostActor"/>.</summary>
internal static class VirtualHostProtocol
{
    /// <summary>The topology has changed: make it so.</summary>
    /// <param name="Events">In the order in which they were decided.</param>
    /// <param name="Visible">Runs when every channel can see it; may be null.</param>
    public sealed record Apply(IReadOnlyList<ITopologyEvent> Events, Action? Visible) : INoSerializationVerificationNeeded;

    /// <summary>Something for a queue, behind all changes that were told before.</summary>
    public sealed record Forward(string Queue, IAwaited Message) : INoSerializationVerificationNeeded;
}
