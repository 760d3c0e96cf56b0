using ActorBroker.Configuration;
using ActorBroker.Stores;
using Akka.Configuration;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>A data directory is used by one broker, and only when it is a broker's.</summary>
public sealed class SqliteOpenSpec : SqliteSpec
{
    [Fact]
    public async Task One_broker_at_a_time_uses_a_directory()
    {
        var system = Start();
        var refusal = Assert.Throws<IOException>(() => Start());
        Assert.Contains($"actor-broker.data-dir = {DataDirectory}: another broker uses this directory", refusal.Message);
        Assert.Contains("actorbroker.lock", refusal.Message);

        await Stop(system);
        await Stop(Start());
    }

    [Fact]
    public void Two_stores_in_one_process_know_nothing_of_each_other()
    {
        using var one = Open("actor-broker.store.kind = memory");
        using var two = Open("actor-broker.store.kind = memory");
        using var file = Open($"actor-broker.data-dir = \"{DataDirectory}\"");
        Assert.Equal([StoreKind.Memory, StoreKind.Memory, StoreKind.Sqlite], [one.Settings.Kind, two.Settings.Kind, file.Settings.Kind]);
    }

    [Fact]
    public void Without_a_directory_there_is_no_store() => Assert.Null(BrokerStore.Open(ActorBrokerReference.Config));

    [Fact]
    public async Task The_file_is_made_for_large_events_and_for_two_readers()
    {
        var system = Start();
        await (await LogOwner.Recovered(system, "log")).Write("a");
        using var connection = Connect();
        Assert.Equal(("wal", "8192", "2"), (Pragma("journal_mode"), Pragma("page_size"), Pragma("auto_vacuum")));

        string? Pragma(string name)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            return $"{command.ExecuteScalar()}";
        }
    }

    [Fact]
    public void Every_connection_waits_for_the_disk()
    {
        var seen = new List<string>();
        using var store = Open($"actor-broker.data-dir = \"{DataDirectory}\"\nactor-broker.store.sqlite.cache = 2MiB");
        using var connection = new LinqToDB.Data.DataConnection(store.Options);
        foreach (var name in new[] { "synchronous", "busy_timeout", "wal_autocheckpoint", "cache_size", "journal_size_limit" })
        {
            using var command = connection.OpenDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            seen.Add($"{command.ExecuteScalar()}");
        }

        Assert.Equal(["2", "5000", "8000", "-2048", "67108864"], seen);
    }

    [Theory]
    [InlineData("CREATE TABLE theirs (a)", "is a database of another program")]
    [InlineData("PRAGMA application_id = 77", "is a database of another program")]
    [InlineData("PRAGMA application_id = 1094873707; PRAGMA user_version = 2", "has format 2, and this broker knows formats up to 1")]
    public void A_database_that_is_not_of_this_broker_is_left_alone(string content, string error)
    {
        Change(content);
        var refusal = Assert.Throws<IOException>(() => Start());
        Assert.Contains(DatabaseFile, refusal.Message);
        Assert.Contains(error, refusal.Message);
        SqliteConnection.ClearAllPools();
        Assert.Throws<IOException>(() => Start()).Message.Contains(error); // the lock is free, and nothing was changed
    }

    [Fact]
    public void A_file_that_is_no_database_is_left_alone()
    {
        File.WriteAllText(DatabaseFile, new string('x', 5000));
        Assert.Contains($"{DatabaseFile} cannot be used", Assert.Throws<IOException>(() => Start()).Message);
        Assert.Equal(new string('x', 5000), File.ReadAllText(DatabaseFile));
    }

    [Fact]
    public void A_directory_that_cannot_be_is_named()
    {
        var file = Path.Combine(DataDirectory, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<IOException>(() => Open($"actor-broker.data-dir = \"{file}/below\""));
        Assert.Contains($"actor-broker.data-dir = {file}/below: must be a directory that can be written to", error.Message);
    }

    private static BrokerStore Open(string settings) => BrokerStore.Open(Broker.ConfigOf(ConfigurationFactory.ParseString(settings)))!;
}
