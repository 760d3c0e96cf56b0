using ActorBroker.Tests.Shared;
using Npgsql;
using Xunit.Sdk;

namespace ActorBroker.Tests.Stores;

/// <summary>One PostgreSQL for all specs that need it, one schema for each test. They run one after another: some crash it.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    /// <summary>Name of the collection.</summary>
    public const string Collection = "PostgreSQL";

    private static int _schemas;
    private PostgresServer? _server;

    /// <summary>The server.</summary>
    public PostgresServer Server => _server ?? throw SkipException.ForSkip(PostgresServer.SkipReason!);

    /// <inheritdoc />
    public async Task InitializeAsync() => _server = PostgresServer.SkipReason is null ? await PostgresServer.StartAsync() : null;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>A schema that nobody has used yet.</summary>
    public static string NewSchema() => $"test_{Interlocked.Increment(ref _schemas)}";

    /// <summary>Settings of a store there.</summary>
    public string Store(string schema) => $"""
        actor-broker.store.kind = postgresql
        actor-broker.store.connection-string = "{Server.ConnectionString}"
        actor-broker.store.schema = {schema}
        """;

    /// <summary>Runs a statement.</summary>
    public async Task<object?> Execute(string sql)
    {
        await using var connection = new NpgsqlConnection($"{Server.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
