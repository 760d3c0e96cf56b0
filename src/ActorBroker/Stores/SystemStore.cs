using Akka.Actor;

namespace ActorBroker.Stores;

/// <summary>The store of one actor system: it was made with it, or its broker has opened it. The broker's plugins connect by it.</summary>
internal sealed class SystemStore : IExtension
{
    private volatile BrokerStore? _store;

    private SystemStore(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<StoreSetup>();
        _store = setup.HasValue ? setup.Value.Store : null;
    }

    /// <summary>Null before it is open, and when nothing survives.</summary>
    public BrokerStore? Store => _store;

    /// <summary>The one of that actor system.</summary>
    public static SystemStore For(ActorSystem system) => system.WithExtension<SystemStore, Provider>();

    /// <summary>It is open from now on, as long as the actor system lives.</summary>
    public void Opened(BrokerStore store) => _store = store;

    private sealed class Provider : ExtensionIdProvider<SystemStore>
    {
        public override SystemStore CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
