using ActorBroker.Checks;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Tests.Stores;

/// <summary>The check of a store at rest, and beside a broker.</summary>
public sealed class StoreCheckSpec : SqliteSpec
{
    private const string OneGroup = "actor-broker.store.queue-groups = 1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private StoreSettings Settings => StoreSettings.From(Broker.ConfigOf(ConfigurationFactory.ParseString($"actor-broker.data-dir = \"{DataDirectory}\"")));

    [Fact]
    public async Task Of_a_sound_store_all_logs_are_told_and_nothing_is_wrong()
    {
        var broker = await Fill();
        var beside = StoreCheck.Run(Settings);
        Assert.Empty(beside.Problems);
        await Stop(broker.System);
        var files = Directory.GetFiles(DataDirectory).Order();

        var check = StoreCheck.Run(Settings);
        Assert.Empty(check.Problems);
        Assert.Equal(["log-0", "topology"], check.Logs.Select(l => l.Log));
        Assert.Equal((1, 3, 3, 0), (check.Logs[0].First, check.Logs[0].Events, check.Logs[0].Last, check.Logs[0].Damaged));
        Assert.Equal(0, check.SetAside);
        Assert.Equal(files, Directory.GetFiles(DataDirectory).Where(f => !f.EndsWith("-wal") && !f.EndsWith("-shm")).Order());
    }

    [Fact]
    public async Task What_is_damaged_is_told_with_what_it_costs()
    {
        await Stop((await Fill()).System);
        Damage("log-0", 2);
        Damage("topology", 2);
        var check = StoreCheck.Run(Settings);
        Assert.Equal(
            ["log-0: event 2 is damaged (its checksum is wrong)", "topology: event 2 is damaged (a record of the topology is damaged: its checksum is wrong)"],
            check.Problems);
        Assert.Equal([1, 1], check.Logs.Select(l => l.Damaged));
    }

    [Fact]
    public async Task What_is_missing_is_told()
    {
        await Stop((await Fill()).System);
        Change("DELETE FROM journal WHERE persistence_id = 'log-0' AND sequence_number <> 1; DELETE FROM journal WHERE persistence_id = 'topology' AND sequence_number = 1");
        var problems = StoreCheck.Run(Settings).Problems;
        Assert.Matches(@"^the store lacks 2 events of log-0 \(it ends at 1 and went to 3\), as .*actorbroker.mark says$", problems[0]);
        Assert.Equal(["topology: events 1 to 1 are missing, and no snapshot covers them"], problems[1..]);
    }

    [Fact]
    public async Task A_damaged_page_is_told_and_the_rest_is_read()
    {
        await Stop((await Fill()).System);
        using (var file = File.OpenWrite(DatabaseFile))
        {
            file.Position = file.Length - 16384;
            file.Write(new byte[16384]);
        }

        Assert.NotEmpty(StoreCheck.Run(Settings).Problems);
    }

    [Fact]
    public void Where_there_is_no_store_is_no_sound_one() =>
        Assert.Contains("has no actorbroker.db", Assert.Throws<IOException>(() => StoreCheck.Run(Settings)).Message);

    private async Task<Broker> Fill()
    {
        var broker = await Broker.StartAsync(Start(OneGroup)).WaitAsync(Patience);
        await broker.Client.DeclareQueueAsync("q");
        foreach (var text in new[] { "one", "two", "three" })
        {
            await broker.Client.PublishAsync("", "q", System.Text.Encoding.UTF8.GetBytes(text));
        }

        return broker;
    }

    private void Damage(string log, long sequenceNr)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT message FROM journal WHERE persistence_id = '{log}' AND sequence_number = {sequenceNr}";
        var bytes = (byte[])command.ExecuteScalar()!;
        bytes[^6] ^= 1;
        Execute(connection, $"UPDATE journal SET message = X'{Convert.ToHexString(bytes)}' WHERE persistence_id = '{log}' AND sequence_number = {sequenceNr}");
    }
}
