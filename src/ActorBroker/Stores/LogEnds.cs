using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorBroker.Stores;

/// <summary>Asks a store how far its logs go, over a connection that changes nothing. What it sees is committed, and so it is synced.</summary>
internal static class LogEnds
{
    /// <summary>Which store it is; null when there is none whose logs could be missing.</summary>
    public static string? PlaceOf(StoreSettings settings) => settings.Kind switch
    {
        StoreKind.Sqlite => "SQLite",
        StoreKind.PostgreSql when settings.DataDirectory.Length > 0 => PostgresConnection.Place(settings),
        _ => null,
    };

    /// <summary>The last event of each log. Empty when there is no database, or it has no tables yet.</summary>
    /// <exception cref="DbException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, long> Of(StoreSettings settings)
    {
        var ends = new Dictionary<string, long>();
        using var connection = Open(settings);
        if (connection is null)
        {
            return ends;
        }

        var schema = settings.Kind == StoreKind.PostgreSql ? $"{settings.Schema}." : "";
        using var command = connection.CreateCommand();
        command.CommandText = schema.Length > 0 ? $"SELECT to_regclass('{schema}journal') IS NOT NULL" : "SELECT count(*) FROM sqlite_master WHERE name = 'journal'";
        if (command.ExecuteScalar() is false or 0L)
        {
            return ends;
        }

        // steps from log to log in the index: neither database does so for DISTINCT or GROUP BY. Has an end also when the index is damaged
        command.CommandText = $"""
            WITH RECURSIVE logs(id) AS (
                SELECT min(persistence_id) FROM {schema}journal
                UNION SELECT (SELECT min(persistence_id) FROM {schema}journal WHERE persistence_id > logs.id) FROM logs WHERE logs.id IS NOT NULL)
            SELECT id, (SELECT max(sequence_number) FROM {schema}journal WHERE persistence_id = id) FROM logs WHERE id IS NOT NULL LIMIT 1000
            """;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            ends[$"{reader[0]}"] = reader.IsDBNull(1) ? 0 : reader.GetInt64(1);
        }

        return ends;
    }

    /// <summary>A connection that only reads; null when there is no file, or nothing in it.</summary>
    /// <remarks>SQLite throws the write-ahead log of an empty file away, so such a file is not touched.</remarks>
    public static DbConnection? Open(StoreSettings settings)
    {
        DbConnection connection;
        if (settings.Kind == StoreKind.PostgreSql)
        {
            var own = new NpgsqlConnectionStringBuilder(PostgresConnection.StringOf(settings)) { Pooling = false, CommandTimeout = 5 };
            connection = new NpgsqlConnection(own.ConnectionString);
        }
        else
        {
            var file = new FileInfo(Path.Combine(settings.DataDirectory, SqliteDatabase.FileName));
            if (!file.Exists || file.Length == 0)
            {
                return null;
            }

            var own = new SqliteConnectionStringBuilder { DataSource = file.FullName, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 };
            connection = new SqliteConnection(own.ConnectionString);
        }

        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
