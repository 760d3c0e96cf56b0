using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
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

    /// <summary>Opens the store that an actor system's settings name, for a system that was made without it.</summary>
    /// <exception cref="IOException">The store cannot be used: says why, and what to do.</exception>
    internal static void OpenStore(ActorSystem system)
    {
        var store = BrokerStore.Open(system.Settings.Config)!;
        try
        {
            system.Settings.InjectTopLevelFallback(store.PluginConfig);
            ref var setup = ref SetupOf(system.Settings);
            var hosts = setup.Get<MultiDataOptionsSetup>();
            var options = hosts.HasValue ? hosts.Value : new MultiDataOptionsSetup(); // the host's own plugins keep theirs
            if (options.TryGetDataOptionsFor(Journal.StorePlugins.Journal, out _))
            {
                throw new IOException(
                    "two actor systems with a broker share one MultiDataOptionsSetup, so that they would share a store: give each its own");
            }

            store.AddOptions(options);
            setup = setup.And(options).And(new StoreSetup(store));
            system.RegisterOnTermination(store.Dispose);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The store of an actor system; null when nothing survives.</summary>
    internal static BrokerStore? StoreOf(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<StoreSetup>();
        return setup.HasValue ? setup.Value.Store : null;
    }

    /// <summary>
    /// The plugins of Akka.Persistence.Sql take an opened database from the system's setup and from nowhere else, and Akka has no way to
    /// add to that later: without this, an embedded broker could not keep anything in a system that it has not made.
    /// </summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Setup>k__BackingField")]
    private static extern ref ActorSystemSetup SetupOf(Settings settings);
}
