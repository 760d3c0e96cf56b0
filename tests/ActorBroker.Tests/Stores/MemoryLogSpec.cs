using ActorBroker.Stores;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>Logs in memory, for tests that restart a broker.</summary>
public sealed class MemoryLogSpec : DurableLogSuite
{
    private readonly string _name = $"{Guid.NewGuid():N}";
    private readonly IDisposable _keeper;

    public MemoryLogSpec() => _keeper = BrokerStore.KeepMemory(_name);

    protected override string Store => $"""
        actor-broker.store.kind = memory
        actor-broker.store.memory-name = "{_name}"
        """;

    protected override void Change(string sql)
    {
        using var command = new SqliteCommand(sql, (SqliteConnection)_keeper);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc />
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _keeper.Dispose();
    }
}
