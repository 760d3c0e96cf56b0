namespace ActorBroker.Stores;

/// <summary>
/// The journal and snapshot plugins of the broker. They have names of their own, so that an embedding application keeps
/// its own persistence, whatever that is.
/// </summary>
internal static class StorePlugins
{
    /// <summary>Configuration path of the journal.</summary>
    public const string Journal = "actor-broker.store.journal";

    /// <summary>Configuration path of the snapshot store.</summary>
    public const string Snapshots = "actor-broker.store.snapshots";
}
