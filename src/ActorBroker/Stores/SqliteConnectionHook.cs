using System.Data.Common;
using System.Runtime.CompilerServices;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>Brings every use of the database onto its thread, and sets up each connection once.</summary>
internal sealed class SqliteConnectionHook(WriterThread writer, string pragmas) : ConnectionInterceptor
{
    private readonly ConditionalWeakTable<object, object> _ready = []; // by native handle: pooled connections come again

    public override async Task ConnectionOpeningAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken) =>
        await writer.Enter();

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) => SetUp((SqliteConnection)connection);

    /// <remarks>
    /// Who awaits the opening goes on on its own thread when the hop was over before it looked. Once more, then: 1 in 50 becomes 1 in
    /// thousands. What is left is as right as the rest; it only keeps a thread of the pool waiting for the disk.
    /// </remarks>
    public override async Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        await writer.Enter();
        SetUp((SqliteConnection)connection);
    }

    /// <summary>A connection for who uses the thread by himself; on that thread.</summary>
    public SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            SetUp(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void SetUp(SqliteConnection connection)
    {
        var handle = connection.Handle!;
        if (!_ready.TryGetValue(handle, out _))
        {
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
            _ready.Add(handle, handle);
        }
    }
}
