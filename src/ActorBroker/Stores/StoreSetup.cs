using Akka.Actor.Setup;

namespace ActorBroker.Stores;

/// <summary>Tells an actor system which store its broker uses; absent when nothing survives.</summary>
internal sealed class StoreSetup(BrokerStore store) : Setup
{
    /// <summary>Open as long as the actor system lives.</summary>
    public BrokerStore Store { get; } = store;
}
