using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>
/// The database under the logs, opened before the actor system exists and closed after it has ended. Brokers in one process each
/// have their own.
/// </summary>
internal sealed class BrokerStore : IDisposable
{
    private readonly IStoreDatabase _database;
    private readonly DataOptions _options;

    private BrokerStore(StoreSettings settings, IStoreDatabase database, IInterceptor[] observers)
    {
        Settings = settings;
        Watcher = observers.OfType<IStoreWatcher>().FirstOrDefault();
        _database = database;
        _options = observers.Aggregate(database.Options, (options, observer) => options.UseInterceptor(observer));
    }

    /// <summary>What it was opened with.</summary>
    public StoreSettings Settings { get; }

    /// <summary>Hears when the store is asked for something, and when it has answered; null when nobody wants to know.</summary>
    internal IStoreWatcher? Watcher { get; }

    /// <summary>Number of queue groups, 1 to 256: the one it was created with.</summary>
    public int QueueGroups => _database.QueueGroups;

    /// <summary>The plugins of <see cref="Journal.StorePlugins"/>.</summary>
    public Config PluginConfig => StorePluginConfig.Of(_database.PluginSettings);

    /// <summary>Opens what the settings name, and creates it when it is missing; null for <see cref="StoreKind.None"/>.</summary>
    /// <param name="root">The whole configuration of the actor system.</param>
    /// <param name="observers">See every connection and command of the plugins; for tests.</param>
    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    /// <exception cref="IOException">It cannot be used: says why, and what to do.</exception>
    public static BrokerStore? Open(Config root, params IInterceptor[] observers)
    {
        var settings = StoreSettings.From(root);
        IStoreDatabase? database = settings.Kind switch
        {
            StoreKind.Sqlite => SqliteDatabase.OpenFile(settings),
            StoreKind.Memory => SqliteDatabase.OpenMemory(settings),
            StoreKind.PostgreSql => PostgresDatabase.Open(settings),
            _ => null,
        };
        return database is null ? null : new BrokerStore(settings, database, observers);
    }

    /// <summary>Keeps the memory database of that name while no store has it open, so that a broker may be started again on it.</summary>
    public static IDisposable KeepMemory(string name)
    {
        var keeper = new SqliteConnection(SqliteDatabase.MemoryConnectionString(name));
        keeper.Open();
        return keeper;
    }

    /// <summary>What an actor system needs besides the configuration.</summary>
    public ActorSystemSetup Setups()
    {
        var options = new MultiDataOptionsSetup();
        AddOptions(options);
        return ActorSystemSetup.Create(new StoreSetup(this), options);
    }

    /// <summary>How the broker's own plugins connect.</summary>
    internal void AddOptions(MultiDataOptionsSetup options)
    {
        options.AddDataOptions(Journal.StorePlugins.Journal, _options);
        options.AddDataOptions(Journal.StorePlugins.Snapshots, _options);
        options.AddDataOptions(Journal.StorePlugins.Query, _options);
    }

    /// <summary>Gives a little of the space that deletions have left back to the disk, when much of it is free.</summary>
    /// <returns>True when there is more to give back.</returns>
    public Task<bool> ShrinkAsync() => _database.ShrinkAsync();

    /// <summary>Finishes what is being written, closes all connections, and lets others use the database.</summary>
    public void Dispose() => _database.Dispose();
}
