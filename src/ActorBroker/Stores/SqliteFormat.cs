using System.Globalization;
using System.Text;
using ActorBroker.Core.Journal;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>The tables in a SQLite file, and how to tell that a file is ours.</summary>
internal static class SqliteFormat
{
    /// <summary>"ABrk", in the header of every file.</summary>
    public const int ApplicationId = 0x4142726B;

    /// <summary>What this version writes; what it reads is this and everything older.</summary>
    public const int Version = 1;

    // as the persistence plugins know them, without the indexes that nothing of ours looks into
    private const string Tables = """
        CREATE TABLE journal (
            ordering INTEGER NOT NULL PRIMARY KEY,
            created INTEGER NOT NULL,
            deleted BIT NOT NULL,
            persistence_id NVARCHAR(255) NOT NULL,
            sequence_number INTEGER NOT NULL,
            message VARBINARY NOT NULL,
            tags NVARCHAR(100),
            manifest NVARCHAR(500),
            identifier INTEGER,
            writer_uuid NVARCHAR(128));
        CREATE UNIQUE INDEX journal_uq ON journal (persistence_id, sequence_number);
        CREATE TABLE snapshot (
            persistence_id NVARCHAR(255) NOT NULL,
            sequence_number INTEGER NOT NULL,
            created INTEGER NOT NULL,
            snapshot VARBINARY,
            manifest NVARCHAR(500),
            serializer_id INTEGER,
            PRIMARY KEY (persistence_id, sequence_number));
        CREATE TABLE store (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
        """;

    /// <summary>Creates the tables in an empty database; checks any other. Tells the number of queue groups.</summary>
    /// <exception cref="IOException">It is not one of ours, or of a newer version.</exception>
    public static int CreateOrCheck(SqliteConnection connection, int queueGroups)
    {
        Execute(connection, "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        if (Number(connection, "PRAGMA application_id") == 0 && Number(connection, "SELECT count(*) FROM sqlite_master") == 0)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {Tables}
                INSERT INTO store VALUES ('queue-groups', '{queueGroups}'), ('queue-groups-sum', '{SumOf($"{queueGroups}")}');
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {Version};
                """));
            transaction.Commit();
        }

        return Check(connection);
    }

    /// <summary>Makes sure that this version can use it. Tells the number of queue groups.</summary>
    /// <exception cref="IOException">It is not one of ours, or of a newer version.</exception>
    public static int Check(SqliteConnection connection)
    {
        var id = Number(connection, "PRAGMA application_id");
        var version = Number(connection, "PRAGMA user_version");
        return id != ApplicationId
            ? throw new IOException($"{connection.DataSource} is a database of another program. Move it away, or use another directory.")
            : version is < 1 or > Version
                ? throw new IOException(
                    $"{connection.DataSource} has format {version}, and this broker knows formats up to {Version}: a newer version wrote it. "
                    + "Use that version, or restore a backup of an older one.")
                : QueueGroupsOf(connection);
    }

    /// <summary>A wrong number would lead queues to other logs than theirs.</summary>
    private static int QueueGroupsOf(SqliteConnection connection)
    {
        var groups = Text(connection, "SELECT value FROM store WHERE name = 'queue-groups'");
        var sum = Text(connection, "SELECT value FROM store WHERE name LIKE 'queue-groups-%'"); // stores of before the checksum have none
        return int.TryParse(groups, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 256 && (sum is null || sum == SumOf(groups))
            ? number
            : throw new IOException($"{connection.DataSource} is damaged: it does not say how many queue groups it has. Restore a backup.");
    }

    private static string SumOf(string groups) => Crc32C.Of(Encoding.UTF8.GetBytes($"queue-groups {groups}")).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Reads every page.</summary>
    /// <exception cref="IOException">It is damaged; says where.</exception>
    public static void CheckIntegrity(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check(5)";
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        if (found is not ["ok"])
        {
            throw new IOException($"{connection.DataSource} is damaged: {string.Join("; ", found)}");
        }
    }

    /// <summary>Runs statements without a result.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string? Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? throw new IOException($"{connection.DataSource} is not complete: '{sql}' finds nothing");
    }
}
