using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <summary>What the configuration says there is. A user that was changed by command hides the configured one of that name.</summary>
/// <param name="VirtualHosts">Names of virtual hosts.</param>
/// <param name="Users">Users with their permissions.</param>
internal sealed record ConfiguredTopology(IReadOnlyCollection<string> VirtualHosts, IReadOnlyCollection<User> Users)
{
    /// <summary>Nothing.</summary>
    public static ConfiguredTopology None { get; } = new([], []);
}
