using LinqToDB;
using Npgsql;

namespace ActorBroker.Stores;

/// <summary>A schema in a PostgreSQL database.</summary>
internal sealed class PostgresDatabase : IStoreDatabase
{
    private readonly string _connectionString;
    private readonly PostgresOwnership _ownership;

    private PostgresDatabase(StoreSettings settings, string connectionString, PostgresOwnership ownership, int queueGroups)
    {
        Description = PostgresConnection.Place(settings);
        _connectionString = connectionString;
        _ownership = ownership;
        QueueGroups = queueGroups;
        Options = new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, connectionString);
    }

    public DataOptions Options { get; }

    /// <summary>What the plugins do differently.</summary>
    public static string PluginSettings(string schema) => $"""
        provider-name = "PostgreSQL.15"
        parallelism = 3
        default.schema-name = "{schema}"
        """;

    public string Description { get; }

    public int QueueGroups { get; }

    /// <exception cref="IOException">It does not answer, is used by another broker, or has tables of something else.</exception>
    public static PostgresDatabase Open(StoreSettings settings)
    {
        var connectionString = PostgresConnection.StringOf(settings);
        try
        {
            var ownership = PostgresOwnership.Take(connectionString, settings.Schema);
            try
            {
                using var connection = new NpgsqlConnection(connectionString);
                connection.Open();
                var groups = PostgresSchema.CreateOrCheck(connection, settings.Schema, settings.QueueGroups);
                return new PostgresDatabase(settings, connectionString, ownership, groups);
            }
            catch
            {
                ownership.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw new IOException($"{PostgresConnection.Describe(settings)} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        using (var connection = new NpgsqlConnection(_connectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        _ownership.Dispose();
    }
}
