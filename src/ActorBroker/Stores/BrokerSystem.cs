using Akka.Actor;
using Akka.Configuration;
using LinqToDB.Interceptors;

namespace ActorBroker.Stores;

/// <summary>Makes actor systems for brokers whose messages survive.</summary>
public static class BrokerSystem
{
    /// <summary>
    /// Opens the store that the settings name and starts an actor system over it. The store closes when the system has terminated;
    /// <see cref="ActorSystem.WhenTerminated"/> completes after that.
    /// </summary>
    /// <param name="name">Name of the actor system and of the node.</param>
    /// <param name="own">Settings over the broker's defaults.</param>
    /// <param name="observers">See every connection and command of the store; for tests.</param>
    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    /// <exception cref="IOException">The store cannot be used: says why, and what to do.</exception>
    public static ActorSystem Create(string name, Config own, params IInterceptor[] observers)
    {
        var config = Broker.ConfigOf(own);
        var store = BrokerStore.Open(config, observers);
        if (store is null)
        {
            return ActorSystem.Create(name, config);
        }

        try
        {
            var bootstrap = BootstrapSetup.Create().WithConfig(store.PluginConfig.WithFallback(config));
            var system = ActorSystem.Create(name, store.Setups().And(bootstrap));
            system.RegisterOnTermination(store.Dispose);
            return system;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The store of an actor system; null when nothing survives.</summary>
    public static BrokerStore? StoreOf(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<StoreSetup>();
        return setup.HasValue ? setup.Value.Store : null;
    }
}
