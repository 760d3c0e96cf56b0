using ActorBroker.Tests.Shared;
using Microsoft.Data.Sqlite;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>What the server says of a store that has lost something, and that it says nothing of one that has not. Of this broker only.</summary>
public sealed class LostStoreSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lost").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_killed_server_starts_as_ever_and_a_lost_database_stops_it_until_that_is_accepted()
    {
        await using (var server = await BrokerProcess.StartAsync("--data", _folder))
        {
            await Publish(server, 5);
            Assert.Equal(0, await server.EndAsync());
            await server.Relaunch();
            await Publish(server, 5);
            await server.KillAsync();
            await server.Relaunch();
            Assert.Equal(10u, await Count(server));
            Assert.DoesNotContain("the store lacks", server.Output);
            Assert.Equal(0, await server.EndAsync());
        }

        Array.ForEach(Directory.GetFiles(_folder, "actorbroker.db*"), File.Delete);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => BrokerProcess.StartAsync("--data", _folder));
        Assert.Matches(@"the store lacks \d+ events of log-\d \(it ends at 0 and went to \d+\)", refusal.Message);
        Assert.Contains("--accept-data-loss", refusal.Message);

        await using var again = await BrokerProcess.StartAsync("--data", _folder, "--accept-data-loss");
        Assert.Contains("That is accepted", again.Output);
        Assert.Equal(0u, await Count(again));
    }

    [Fact]
    public async Task The_check_tells_a_sound_store_beside_the_server_and_a_damaged_one_at_rest()
    {
        await using var server = await BrokerProcess.StartAsync("--data", _folder);
        await Publish(server, 5);
        await server.Command("check", "--data", _folder); // exit code 0
        Assert.Equal(0, await server.EndAsync());
        await server.Command("check", "--data", _folder);
        Damage();
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => server.Command("check", "--data", _folder));
        Assert.Matches(@"log-\d: event 1 is damaged \(its checksum is wrong\)", told.Message);
        Assert.EndsWith("problems: 1\n", told.Message);
    }

    private static async Task Publish(BrokerProcess server, int count)
    {
        await using var connection = await Connect(server);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        for (var i = 0; i < count; i++)
        {
            await channel.BasicPublishAsync("", "q", mandatory: true, new BasicProperties { Persistent = true }, new byte[100]); // awaits its confirm
        }
    }

    private static async Task<uint> Count(BrokerProcess server)
    {
        await using var connection = await Connect(server);
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false)).MessageCount;
    }

    private static Task<IConnection> Connect(BrokerProcess server) =>
        new ConnectionFactory { HostName = server.Host, Port = server.Port, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    private void Damage()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "actorbroker.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE journal SET message = message || X'00' WHERE persistence_id LIKE 'log-%' AND sequence_number = 1";
        command.ExecuteNonQuery();
        command.CommandText = "UPDATE journal SET message = CAST(message AS BLOB)";
        command.ExecuteNonQuery();
    }
}
