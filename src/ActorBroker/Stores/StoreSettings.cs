using System.Text.RegularExpressions;
using ActorBroker.Configuration;
using Akka.Configuration;

namespace ActorBroker.Stores;

/// <summary>The <c>actor-broker.store</c> block and the data directory. What each value means is said once, in <c>hocon/reference.conf</c>.</summary>
/// <param name="Kind">What <c>auto</c> comes to is already decided.</param>
/// <param name="DataDirectory">Empty when there is none.</param>
/// <param name="ConnectionString">Of PostgreSQL, as it was set.</param>
/// <param name="Schema">Of PostgreSQL.</param>
/// <param name="QueueGroups">For a store that is created now; an existing one keeps its own number.</param>
/// <param name="MemoryName">Empty for a database that nobody else sees.</param>
/// <param name="WalAutocheckpoint">Pages.</param>
/// <param name="CacheSize">Bytes.</param>
/// <param name="DiskWatermark">Room below which publishers are blocked.</param>
/// <param name="DiskReserve">Bytes; 0 for none.</param>
internal sealed partial record StoreSettings(
    StoreKind Kind,
    string DataDirectory,
    string ConnectionString,
    string Schema,
    int QueueGroups,
    string MemoryName,
    int WalAutocheckpoint,
    long CacheSize,
    DiskWatermark DiskWatermark,
    long DiskReserve)
{
    /// <summary>Where these settings live.</summary>
    public const string Path = BrokerSettings.Path + ".store";

    /// <summary>Full name of the setting for <see cref="AcceptDataLoss"/>.</summary>
    public const string AcceptDataLossPath = Path + ".accept-data-loss";

    /// <summary>Starts, and says so, where a start without it is refused because something of the store is missing.</summary>
    public bool AcceptDataLoss { get; init; }

    /// <summary>Reads the block and checks every range.</summary>
    /// <exception cref="ConfigurationException">Names the full path, the value, and what is allowed.</exception>
    public static StoreSettings From(Config root)
    {
        var block = new SettingsBlock(root, Path);
        var sqlite = new SettingsBlock(root, $"{Path}.sqlite");
        var directory = new SettingsBlock(root, BrokerSettings.Path).String("data-dir");
        var settings = new StoreSettings(
            KindOf(block.String("kind"), directory),
            directory,
            block.String("connection-string"),
            block.String("schema"),
            block.Int("queue-groups", 1, 256),
            block.String("memory-name"),
            sqlite.Int("wal-autocheckpoint", 100, 1_000_000),
            sqlite.Bytes("cache", 1 << 20, 4L << 30),
            DiskWatermark.From(block, Path),
            block.Bytes("disk-reserve", 1 << 20, 1 << 30, off: 0)) { AcceptDataLoss = block.Bool("accept-data-loss") };
        return settings.Kind switch
        {
            StoreKind.Sqlite when directory.Length == 0 =>
                throw new ConfigurationException($"{Path}.kind = sqlite: needs {BrokerSettings.Path}.data-dir, the directory of its file"),
            StoreKind.PostgreSql when settings.ConnectionString.Length == 0 =>
                throw new ConfigurationException($"{Path}.kind = postgresql: needs {Path}.connection-string"),
            StoreKind.PostgreSql when !SchemaName().IsMatch(settings.Schema) => throw new ConfigurationException(
                $"{Path}.schema = {settings.Schema}: must be 1 to 63 lower-case letters, digits and underscores, not beginning with a digit"),
            _ => settings,
        };
    }

    private static StoreKind KindOf(string text, string directory) => text switch
    {
        "auto" => directory.Length > 0 ? StoreKind.Sqlite : StoreKind.None,
        "none" => StoreKind.None,
        "sqlite" => StoreKind.Sqlite,
        "postgresql" => StoreKind.PostgreSql,
        "memory" => StoreKind.Memory,
        _ => throw new ConfigurationException($"{Path}.kind = {text}: must be auto, none, sqlite, postgresql or memory"),
    };

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();
}
