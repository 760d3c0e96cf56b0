using System.Data.Common;
using System.Globalization;
using ActorBroker.Stores;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorBroker.Checks;

/// <summary>What there is of one log.</summary>
/// <param name="Log">Its name.</param>
/// <param name="First">Number of the first event that is not deleted; 0 when none is left.</param>
/// <param name="Last">Number of the last event.</param>
/// <param name="Events">Events that are not deleted.</param>
/// <param name="Bytes">Bytes of these.</param>
/// <param name="Snapshot">The event up to which there is a snapshot; 0 for none.</param>
/// <param name="Damaged">Events and snapshots that are not what was written.</param>
internal sealed record LogReport(string Log, long First, long Last, long Events, long Bytes, long Snapshot, int Damaged);

/// <summary>Reads all of a store, and changes nothing. A broker may run on it.</summary>
internal sealed class StoreCheck
{
    private readonly StoreSettings _settings;
    private readonly DbConnection _connection;
    private readonly string _schema;

    private StoreCheck(StoreSettings settings, DbConnection connection)
    {
        (_settings, _connection) = (settings, connection);
        _schema = settings.Kind == StoreKind.PostgreSql ? $"{settings.Schema}." : "";
    }

    /// <summary>What there is, log by log.</summary>
    public List<LogReport> Logs { get; } = [];

    /// <summary>What is wrong, each in words.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Damaged events that were set aside so far.</summary>
    public long SetAside { get; private set; }

    /// <summary>Reads the store that the settings name.</summary>
    /// <exception cref="IOException">There is none, it is not one of ours, or it does not answer.</exception>
    public static StoreCheck Run(StoreSettings settings)
    {
        try
        {
            using var connection = LogEnds.Open(settings) ?? throw new IOException($"{settings.DataDirectory} has no {SqliteDatabase.FileName}, or an empty one");
            var check = new StoreCheck(settings, connection);
            check.Run();
            return check;
        }
        catch (DbException e)
        {
            throw new IOException($"the store cannot be read: {e.Message}", e);
        }
    }

    private void Run()
    {
        Try("the store", () => CheckMark(LogEnds.Of(_settings))); // before the rest is read: a broker that runs goes on
        Execute(_connection is NpgsqlConnection ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN");
        if (_connection is SqliteConnection sqlite)
        {
            Try("the file", () => SqliteFormat.CheckIntegrity(sqlite));
            try
            {
                SqliteFormat.Check(sqlite);
            }
            catch (SqliteException e)
            {
                Problems.Add($"the file: {e.Message}");
            }
        }

        Try("the store", () => Read("SELECT DISTINCT persistence_id FROM {0}journal ORDER BY 1", r => r.GetString(0)).ToList().ForEach(log => Try(log, () => Check(log))));
        Try("the store", () => SetAside = HasSetAside ? Read($"SELECT count(*) FROM {{0}}{SetAsideEvents.Table}", r => r.GetInt64(0)).Single() : 0);
    }

    private bool HasSetAside => Read(
        _schema.Length > 0
            ? $"SELECT to_regclass('{{0}}{SetAsideEvents.Table}') IS NOT NULL"
            : $"SELECT count(*) > 0 FROM sqlite_master WHERE name = '{SetAsideEvents.Table}'",
        r => r.GetBoolean(0)).Single();

    private void CheckMark(IReadOnlyDictionary<string, long> ends)
    {
        var file = Path.Combine(_settings.DataDirectory, StoreMark.FileName);
        if (_settings.DataDirectory.Length > 0 && File.Exists(file))
        {
            Try(file, () =>
            {
                var mark = StoreMark.Parse(File.ReadAllText(file));
                if (mark.Place == LogEnds.PlaceOf(_settings) && mark.MissingIn(ends) is { } missing)
                {
                    Problems.Add($"the store lacks {missing}, as {file} says");
                }
            });
        }
    }

    private void Check(string log)
    {
        var reader = new LogCheck(log);
        foreach (var (number, manifest, bytes) in Read(
            "SELECT sequence_number, manifest, snapshot FROM {0}snapshot WHERE persistence_id = @log ORDER BY 1 DESC", Row, log))
        {
            reader.Snapshot(number, manifest, bytes);
        }

        foreach (var (number, manifest, bytes) in Read(
            "SELECT sequence_number, manifest, message FROM {0}journal WHERE persistence_id = @log AND NOT deleted ORDER BY 1", Row, log))
        {
            reader.Event(number, manifest, bytes);
        }

        var last = Read("SELECT max(sequence_number) FROM {0}journal WHERE persistence_id = @log", r => r.GetInt64(0), log).Single();
        Logs.Add(reader.End(last, Problems));

        static (long, string?, byte[]) Row(DbDataReader r) => (r.GetInt64(0), r.IsDBNull(1) ? null : r.GetString(1), r.IsDBNull(2) ? [] : (byte[])r[2]);
    }

    /// <summary>What goes wrong with a part is a problem; the others are read all the same.</summary>
    private void Try(string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is DbException or IOException or InvalidDataException or InvalidCastException)
        {
            Problems.Add($"{what}: {e.Message}");
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private IEnumerable<T> Read<T>(string sql, Func<DbDataReader, T> row, string? log = null)
    {
        using var command = _connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = string.Format(CultureInfo.InvariantCulture, sql, _schema);
        if (log is not null)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("log", log);
            command.Parameters.Add(parameter);
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return row(reader);
        }
    }
}
