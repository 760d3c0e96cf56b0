using ActorBroker.Configuration;
using Npgsql;

namespace ActorBroker.Stores;

/// <summary>
/// An advisory lock of the database: a second broker on the same schema is refused when it starts. The lock goes with its connection;
/// a broker that runs does not stop for that, it takes the lock again when it can, and the journal's fence is behind it.
/// </summary>
internal sealed class PostgresOwnership : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string _connectionString;
    private readonly string _schema;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _keeper;
    private NpgsqlConnection _connection;

    private PostgresOwnership(NpgsqlConnection connection, string connectionString, string schema)
    {
        _connection = connection;
        _connectionString = connectionString;
        _schema = schema;
        _keeper = Keep(_end.Token);
    }

    /// <exception cref="IOException">Another broker has it; says which.</exception>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static PostgresOwnership Take(string connectionString, string schema)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, MaxAutoPrepare = 0 }.ConnectionString;
        var connection = new NpgsqlConnection(own);
        try
        {
            connection.Open();
            using (var command = new NpgsqlCommand($"SET lock_timeout = '5s'; SELECT pg_advisory_lock({Key(schema)})", connection))
            {
                command.ExecuteNonQuery(); // a broker that was killed a moment ago may still have it
            }

            return new PostgresOwnership(connection, own, schema);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            var holder = Holder(connection, schema);
            connection.Dispose();
            throw new IOException(
                $"{BrokerSettings.Path}.store: another broker uses schema {schema} of this database ({holder}). Stop it, or set {StoreSettings.Path}.schema",
                e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        _end.Cancel();
        ((IAsyncResult)_keeper).AsyncWaitHandle.WaitOne(LookEvery);
        _connection.Dispose();
        _end.Dispose();
    }

    private static string Key(string schema) => $"hashtextextended('actorbroker.{schema}', 0)";

    private static string Holder(NpgsqlConnection connection, string schema)
    {
        using var command = new NpgsqlCommand(
            $"""
            SELECT format('%s at %s since %s', a.application_name, coalesce(host(a.client_addr), 'a local socket'), a.backend_start)
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32) | l.objid::bigint = {Key(schema)}
            """,
            connection);
        return command.ExecuteScalar() as string ?? "it has just ended";
    }

    private async Task Keep(CancellationToken end)
    {
        using var clock = new PeriodicTimer(LookEvery);
        while (!end.IsCancellationRequested)
        {
            try
            {
                await clock.WaitForNextTickAsync(end).ConfigureAwait(false);
                if (_connection.State != System.Data.ConnectionState.Open)
                {
                    await _connection.DisposeAsync().ConfigureAwait(false);
                    _connection = new NpgsqlConnection(_connectionString);
                    await _connection.OpenAsync(end).ConfigureAwait(false);
                }

                // held already, it is only counted up; the next connection of a broker that runs waits for no lock
                using var command = new NpgsqlCommand(
                    $"SELECT pg_try_advisory_lock({Key(_schema)}) WHERE NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())",
                    _connection);
                await command.ExecuteNonQueryAsync(end).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or InvalidOperationException)
            {
                // the database is away: the logs say so; here it is only tried again
            }
        }
    }
}
