using Akka.Configuration;
using LinqToDB;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>
/// The database under the logs, opened before anything is read from it and closed after its actor system has ended. Brokers in one
/// process each have their own.
/// </summary>
internal sealed class BrokerStore : IDisposable
{
    private readonly IStoreDatabase _database;

    private BrokerStore(StoreSettings settings, IStoreDatabase database, StoreMarkFile? mark, IInterceptor[] observers)
    {
        Mark = mark;
        Settings = settings;
        Watcher = observers.OfType<IStoreWatcher>().FirstOrDefault();
        _database = database;
        database.Appender?.Observers = [.. observers.OfType<IAppendObserver>()];
        Options = observers.Aggregate(database.Options, (options, observer) => options.UseInterceptor(observer));
    }

    /// <summary>What it was opened with.</summary>
    public StoreSettings Settings { get; }

    /// <summary>Hears when the store is asked for something, and when it has answered; null when nobody wants to know.</summary>
    internal IStoreWatcher? Watcher { get; }

    /// <summary>Knows how far its logs have gone; null when there is no directory for that.</summary>
    internal StoreMarkFile? Mark { get; }

    /// <summary>What and where it is, without secrets.</summary>
    public string Description => _database.Description;

    /// <summary>The disk of its files; null when it has none here: a database server looks after its own.</summary>
    public StoreDisk? Disk => _database.Disk;

    /// <summary>Number of queue groups, 1 to 256: the one it was created with.</summary>
    public int QueueGroups => _database.QueueGroups;

    /// <summary>Appends to the journal faster than the library does; null for a store that has no such way.</summary>
    public SqliteAppender? Appender => _database.Appender;

    /// <summary>How the plugins of <see cref="StorePlugins"/> connect.</summary>
    public DataOptions Options { get; }

    /// <summary>Opens what the settings name, and creates it when it is missing; null for <see cref="StoreKind.None"/>.</summary>
    /// <param name="root">The whole configuration of the actor system.</param>
    /// <param name="observers">See every connection and command of the plugins; for tests.</param>
    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    /// <exception cref="IOException">It cannot be used, or has lost something: says why, and what to do.</exception>
    public static BrokerStore? Open(Config root, params IInterceptor[] observers) => Open(StoreSettings.From(root), observers);

    /// <inheritdoc cref="Open(Config, IInterceptor[])"/>
    public static BrokerStore? Open(StoreSettings settings, IInterceptor[] observers)
    {
        var mark = StoreMarkFile.Check(settings);
        IStoreDatabase? database = settings.Kind switch
        {
            StoreKind.Sqlite => SqliteDatabase.OpenFile(settings),
            StoreKind.Memory => SqliteDatabase.OpenMemory(settings),
            StoreKind.PostgreSql => PostgresDatabase.Open(settings),
            _ => null,
        };
        return database is null ? null : new BrokerStore(settings, database, mark, observers);
    }

    /// <summary>Keeps the memory database of that name while no store has it open, so that a broker may be started again on it.</summary>
    public static IDisposable KeepMemory(string name)
    {
        var keeper = new SqliteConnection(SqliteDatabase.MemoryConnectionString(name));
        keeper.Open();
        return keeper;
    }

    /// <summary>Gives a little of the space that deletions have left back to the disk, when much of it is free.</summary>
    /// <returns>True when there is more to give back.</returns>
    public Task<bool> ShrinkAsync() => _database.ShrinkAsync();

    /// <summary>Finishes what is being written, closes all connections, and lets others use the database.</summary>
    public void Dispose()
    {
        Mark?.Write(); // while it can be read: whoever wrote to it has stopped
        _database.Dispose();
    }
}
