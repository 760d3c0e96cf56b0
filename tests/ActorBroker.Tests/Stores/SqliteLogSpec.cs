using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>Logs in a file.</summary>
public sealed class SqliteLogSpec : DurableLogSuite
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorbroker-store-").FullName;

    protected override string Store => $"actor-broker.data-dir = \"{_directory}\"";

    protected override void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_directory}/actorbroker.db;Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc />
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
