using System.Globalization;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>SQLite: a file in the data directory, or memory that other connections of this process see under its name.</summary>
internal sealed class SqliteDatabase : IStoreDatabase
{
    /// <summary>Name of the database in the data directory.</summary>
    public const string FileName = "actorbroker.db";

    private const long WorthShrinking = 128 << 20;
    private const int PagesAtOnce = 256;

    private readonly DirectoryLock? _lock;
    private readonly SqliteConnection _keeper; // memory lives as long as a connection; the pool needs one to be cleared by
    private readonly WriterThread _writer;

    private SqliteDatabase(StoreSettings settings, string connectionString, DirectoryLock? directoryLock)
    {
        _lock = directoryLock;
        Description = directoryLock is null ? "in memory" : $"the SQLite database {Path.Combine(settings.DataDirectory, FileName)}";
        _keeper = new SqliteConnection(connectionString);
        try
        {
            _keeper.Open();
            QueueGroups = SqliteFormat.CreateOrCheck(_keeper, settings.QueueGroups);
        }
        catch (SqliteException e)
        {
            _keeper.Dispose();
            throw new IOException($"{_keeper.DataSource} cannot be used: {e.Message}", e);
        }
        catch
        {
            _keeper.Dispose();
            throw;
        }

        _writer = new WriterThread($"store {_keeper.DataSource}");
        Options = new DataOptions()
            .UseConnectionString(ProviderName.SQLiteMS, connectionString)
            .UseInterceptor(new SqliteConnectionHook(_writer, Pragmas(settings)));
    }

    public DataOptions Options { get; }

    // what the plugins do differently: one writer at a time, which is all there can be, and the batch grows meanwhile;
    // a transaction that only reads must not take the lock for writing
    public static string PluginSettings => """
        provider-name = "SQLite.MS"
        parallelism = 1
        read-isolation-level = read-uncommitted
        """;

    public string Description { get; }

    public int QueueGroups { get; }

    /// <exception cref="IOException">The directory is used by another broker, or the file is not ours.</exception>
    public static SqliteDatabase OpenFile(StoreSettings settings)
    {
        var directoryLock = DirectoryLock.Take(settings.DataDirectory);
        try
        {
            var file = Path.Combine(settings.DataDirectory, FileName);
            KeepFromOthers(file);
            return new SqliteDatabase(settings, FileConnectionString(file), directoryLock);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>SQLite gives its other files the rights of the database.</summary>
    private static void KeepFromOthers(string file)
    {
        if (!File.Exists(file))
        {
            Disk.CreateFile(file);
        }

        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            Disk.OnlyForOwner(file + suffix);
        }
    }

    public static SqliteDatabase OpenMemory(StoreSettings settings) =>
        new(settings, MemoryConnectionString(settings.MemoryName.Length > 0 ? settings.MemoryName : $"{Guid.NewGuid():N}"), null);

    public static string FileConnectionString(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        DefaultTimeout = 15, // seconds that a command waits for another process's lock; less than the breaker's
    }.ToString();

    public static string MemoryConnectionString(string name) => new SqliteConnectionStringBuilder
    {
        DataSource = $"actorbroker-{name}",
        Mode = SqliteOpenMode.Memory,
        Cache = SqliteCacheMode.Shared,
        DefaultTimeout = 15,
    }.ToString();

    /// <inheritdoc/>
    /// <remarks>A step moves some megabytes; writers wait for it as for any other write.</remarks>
    public async Task<bool> ShrinkAsync()
    {
        await _writer.Enter();
        var free = Pragma("freelist_count");
        if (free * Pragma("page_size") < WorthShrinking || free * 2 < Pragma("page_count"))
        {
            return false;
        }

        using var command = _keeper.CreateCommand();
        command.CommandText = $"PRAGMA busy_timeout = 5000; PRAGMA incremental_vacuum({PagesAtOnce});";
        using var reader = command.ExecuteReader();
        do
        {
            while (reader.Read())
            {
                // each row is a page that was given back
            }
        }
        while (reader.NextResult());
        return true;
    }

    public void Dispose()
    {
        _writer.Dispose();
        SqliteConnection.ClearPool(_keeper);
        _keeper.Dispose(); // the last one: SQLite takes the log over into the file
        SqliteConnection.ClearPool(_keeper);
        _lock?.Dispose();
    }

    private long Pragma(string name)
    {
        using var command = _keeper.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (long)command.ExecuteScalar()!;
    }

    private static string Pragmas(StoreSettings settings) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA wal_autocheckpoint = {settings.WalAutocheckpoint};
        PRAGMA cache_size = -{settings.CacheSize >> 10};
        PRAGMA journal_size_limit = 67108864;
        """);
}
