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
    private const int PagesAtOnceWhileShort = 32; // each may cost one in the write-ahead log first
    private const int LeastInLog = 100;
    private const int PagesPerCommit = 3; // of the table and its index, beside those that events fill
    private const long LogFile = 64 << 20;

    private readonly DirectoryLock? _lock;
    private readonly SqliteConnection _keeper; // memory lives as long as a connection; the pool needs one to be cleared by
    private readonly WriterThread _writer;
    private readonly SqliteCheckpoints? _checkpoints;
    private readonly long _pageSize;

    private SqliteDatabase(StoreSettings settings, string connectionString, DirectoryLock? directoryLock, StoreDisk? disk = null)
    {
        Disk = disk;
        _lock = directoryLock;
        Description = directoryLock is null ? "in memory" : $"the SQLite database {Path.Combine(settings.DataDirectory, FileName)}";
        _keeper = new SqliteConnection(connectionString);
        try
        {
            _keeper.Open();
            QueueGroups = SqliteFormat.CreateOrCheck(_keeper, settings.QueueGroups);
        }
        catch (SqliteException e) when (disk?.IsFullDisk(e) == true)
        {
            _keeper.Dispose();
            throw DirectoryLock.Full(settings.DataDirectory, e);
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
        _pageSize = Pragma("page_size"); // a store keeps the one that it was made with
        var pagesInLog = PagesInLog(settings, disk);
        var hook = new SqliteConnectionHook(_writer, Pragmas(settings, pagesInLog));
        Options = new DataOptions().UseConnectionString(ProviderName.SQLiteMS, connectionString).UseInterceptor(hook);
        Appender = new SqliteAppender(_writer, () => hook.Open(connectionString), Written);
        if (directoryLock is not null)
        {
            _checkpoints = new SqliteCheckpoints(_keeper.DataSource, _writer, () => hook.Open(connectionString), _keeper, pagesInLog / 4);
        }
    }

    public DataOptions Options { get; }

    public SqliteAppender Appender { get; }

    // what the plugins do differently: one writer at a time, which is all there can be, and the batch grows meanwhile;
    // a transaction that only reads must not take the lock for writing
    public static string PluginSettings => """
        provider-name = "SQLite.MS"
        parallelism = 1
        read-isolation-level = read-uncommitted
        """;

    public string Description { get; }

    public StoreDisk? Disk { get; }

    public int QueueGroups { get; }

    /// <exception cref="IOException">The directory is used by another broker, or the file is not ours.</exception>
    public static SqliteDatabase OpenFile(StoreSettings settings)
    {
        var directoryLock = DirectoryLock.Take(settings.DataDirectory);
        var file = Path.Combine(settings.DataDirectory, FileName);
        try
        {
            KeepFromOthers(file);
            var reserve = Path.Combine(settings.DataDirectory, StoreDisk.ReserveName);
            return Open(settings, file, directoryLock, new StoreDisk(new VolumeOf(settings.DataDirectory), reserve, settings.DiskReserve));
        }
        catch
        {
            using (var pooled = new SqliteConnection(FileConnectionString(file)))
            {
                SqliteConnection.ClearPool(pooled); // whoever tries again, on other files, must not get to these
            }

            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>On a full disk the reserve of an earlier life makes room to open, so that consumers can drain.</summary>
    private static SqliteDatabase Open(StoreSettings settings, string file, DirectoryLock directoryLock, StoreDisk disk)
    {
        try
        {
            return new SqliteDatabase(settings, FileConnectionString(file), directoryLock, disk);
        }
        catch (IOException e) when (disk.IsFullDisk(e) && disk.Release())
        {
            return new SqliteDatabase(settings, FileConnectionString(file), directoryLock, disk);
        }
    }

    /// <summary>SQLite gives its other files the rights of the database.</summary>
    private static void KeepFromOthers(string file)
    {
        if (!File.Exists(file))
        {
            Stores.Disk.CreateFile(file);
        }

        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            Stores.Disk.OnlyForOwner(file + suffix);
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
        if (Disk is { IsShort: true })
        {
            GiveLogBack();
            if (free == 0)
            {
                return false;
            }
        }
        else if (free * Pragma("page_size") < WorthShrinking || free * 2 < Pragma("page_count"))
        {
            return false;
        }

        using var command = _keeper.CreateCommand();
        command.CommandText = $"PRAGMA busy_timeout = 5000; PRAGMA incremental_vacuum({(Disk is { IsShort: true } ? PagesAtOnceWhileShort : PagesAtOnce)});";
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

    /// <summary>The write-ahead log is taken over into the database, and its file is cut.</summary>
    private void GiveLogBack()
    {
        using var command = _keeper.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using var result = command.ExecuteReader();
        while (result.Read())
        {
            // whether somebody reads meanwhile: then it is done next time
        }
    }

    public void Dispose()
    {
        _checkpoints?.Dispose();
        _writer.Dispose();
        Appender.Dispose();
        SqliteConnection.ClearPool(_keeper);
        _keeper.Dispose(); // the last one: SQLite takes the log over into the file
        SqliteConnection.ClearPool(_keeper);
        _lock?.Dispose();
    }

    private void Written(long bytes) => _checkpoints?.Written((int)(bytes / _pageSize) + PagesPerCommit);

    private long Pragma(string name)
    {
        using var command = _keeper.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>
    /// Taking the log over makes the database larger by as much as the log at most: half the room that the watermark keeps free must do.
    /// </summary>
    private int PagesInLog(StoreSettings settings, StoreDisk? disk)
    {
        if (disk?.Measure() is not { } room)
        {
            return MostInLog(settings);
        }

        var watermark = settings.DiskWatermark == DiskWatermark.Off ? default : settings.DiskWatermark;
        return (int)Math.Clamp(watermark.For(room.Total) / 2 / _pageSize, LeastInLog, MostInLog(settings));
    }

    private int MostInLog(StoreSettings settings) => (int)(settings.WalAutocheckpoint * (long)SqliteFormat.FormerPageSize / _pageSize);

    private string Pragmas(StoreSettings settings, int pagesInLog) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA wal_autocheckpoint = {pagesInLog};
        PRAGMA cache_size = -{settings.CacheSize >> 10};
        PRAGMA journal_size_limit = {(pagesInLog < MostInLog(settings) ? pagesInLog * _pageSize : LogFile)};
        """);
}
