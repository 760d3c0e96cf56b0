using ActorBroker.Configuration;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Streams;
using LinqToDB.Interceptors;

namespace ActorBroker.Stores;

/// <summary>Actor systems for brokers whose messages survive.</summary>
public static class BrokerSystem
{
    /// <summary>
    /// Opens the store that the settings name and makes an actor system over it. The store closes when the system has terminated;
    /// <see cref="ActorSystem.WhenTerminated"/> completes after that. A broker works in any actor system; this one fails at once,
    /// before anything runs, when the store cannot be used.
    /// </summary>
    /// <param name="name">Name of the actor system and of the node.</param>
    /// <param name="own">Settings over the broker's defaults.</param>
    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    /// <exception cref="IOException">The store cannot be used: says why, and what to do.</exception>
    public static ActorSystem Create(string name, Config own) => Create(name, own, []);

    /// <summary>The same with observers, who see every connection and command of the store.</summary>
    internal static ActorSystem Create(string name, Config own, params IInterceptor[] observers)
    {
        ArgumentNullException.ThrowIfNull(own);
        var config = own.WithFallback(ActorBrokerReference.Config);
        var store = BrokerStore.Open(config, observers);
        if (store is null)
        {
            return ActorSystem.Create(name, config);
        }

        try
        {
            var bootstrap = BootstrapSetup.Create().WithConfig(StorePluginConfig.Of(store.Settings).WithFallback(config));
            var system = ActorSystem.Create(name, ActorSystemSetup.Create(bootstrap, new StoreSetup(store)));
            StoreActor.CloseWith(system, store);
            return system;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Adds the broker's plugins to a system that was made without them. Before anything else may change its configuration.</summary>
    internal static void AddPlugins(ActorSystem system, StoreSettings settings)
    {
        // each of these puts something below the configuration; two at a time, on two threads, could lose one
        system.Settings.InjectTopLevelFallback(StorePluginConfig.Of(settings));
        system.Settings.InjectTopLevelFallback(ActorMaterializer.DefaultConfig());
        Persistence.Instance.Apply(system);
    }

    /// <summary>Opens the store that the settings name, for a system that was made without it. Blocks: a database is asked.</summary>
    /// <exception cref="IOException">The store cannot be used: says why, and what to do.</exception>
    internal static void OpenStore(ActorSystem system, StoreSettings settings)
    {
        var store = BrokerStore.Open(settings, [])!;
        try
        {
            StoreActor.CloseWith(system, store);
        }
        catch
        {
            store.Dispose(); // the system has ended meanwhile
            throw;
        }

        SystemStore.For(system).Opened(store);
    }

    /// <summary>The store of an actor system; null when nothing survives.</summary>
    internal static BrokerStore? StoreOf(ActorSystem system) => SystemStore.For(system).Store;

    /// <summary>The store that the broker's plugins in an actor system use.</summary>
    /// <exception cref="InvalidOperationException">There is none: only a broker that has opened it starts these plugins.</exception>
    internal static BrokerStore OpenStoreOf(ActorSystem system) =>
        StoreOf(system) ?? throw new InvalidOperationException($"actor system '{system.Name}' has no open store: start its broker first");
}
