using ActorBroker.Checks;
using ActorBroker.Journal;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Tests.Stores;

/// <summary>What may happen to a database server, and between two brokers that use it.</summary>
[Collection(PostgresCluster.Collection)]
public sealed class PostgresFailureSpec(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _schema = PostgresCluster.NewSchema();
    private readonly List<ActorSystem> _systems = [];

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await system.Terminate();
        }
    }

    [Fact]
    public async Task After_a_crash_of_the_server_every_log_goes_on_and_nothing_is_lost_or_doubled()
    {
        var system = Start();
        LogOwner[] logs = [.. await Task.WhenAll(Enumerable.Range(0, 8).Select(i => LogOwner.Recovered(system, $"log-{i}")))];
        var stop = false;
        var written = new int[logs.Length];
        var writers = logs.Select((log, i) => Task.Run(async () =>
        {
            while (!stop)
            {
                await log.Write($"{written[i]}.a", $"{written[i]}.b");
                written[i]++;
            }
        })).ToArray();
        await LogOwner.Until(() => written.All(w => w > 20), "writes before the crash");

        await cluster.Server.Crash();
        int[] atReturn = [.. written];
        await LogOwner.Until(() => Enumerable.Range(0, logs.Length).All(i => written[i] > atReturn[i] + 1), "every log to write again");
        stop = true;
        await Task.WhenAll(writers);
        Assert.All(logs, l => Assert.False(l.Alarms.IsOn));
        await Stop(system);

        system = Start();
        for (var i = 0; i < logs.Length; i++)
        {
            var log = await LogOwner.Recovered(system, $"log-{i}");
            Assert.Equal(Enumerable.Range(0, written[i]).SelectMany(w => new[] { $"{w}.a", $"{w}.b" }), log.Events);
        }
    }

    [Fact]
    public async Task A_schema_that_is_gone_is_missed_where_a_data_directory_remembers_it()
    {
        var directory = Directory.CreateTempSubdirectory("actorbroker-mark-");
        try
        {
            var here = $"actor-broker.data-dir = \"{directory.FullName}\"\nactor-broker.store.queue-groups = 1";
            var broker = await Broker.StartAsync(Start(more: here));
            await broker.Client.DeclareQueueAsync("q");
            await broker.Client.PublishAsync("", "q", new byte[100]);
            await broker.Client.PublishAsync("", "q", new byte[100]);
            var check = StoreCheck.Run(BrokerSystem.StoreOf(broker.System)!.Settings);
            Assert.Empty(check.Problems);
            Assert.Equal([("log-0", 2L), ("topology", 3L)], check.Logs.Select(l => (l.Log, l.Last)));
            await Stop(broker.System);
            await Stop(Start(more: here)); // nothing is missing
            await cluster.Execute($"DROP SCHEMA {_schema} CASCADE");
            Assert.Contains("2 events of log-0 (it ends at 0 and went to 2)", Assert.Throws<IOException>(() => Start(more: here)).Message);
            await Stop(Start(more: $"{here}\nactor-broker.store.accept-data-loss = on"));
            await Stop(Start(more: here));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task While_the_server_is_away_publishers_wait()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a");
        await cluster.Server.Stop("fast");
        try
        {
            log.Send("b");
            await log.Blocked();
            Assert.False(log.HasHeard);
        }
        finally
        {
            await cluster.Server.Start();
        }

        Assert.Equal(2, await log.Written());
        Assert.False(log.Alarms.IsOn);
    }

    [Fact]
    public async Task While_another_program_locks_the_tables_publishers_wait()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a");
        await using (var other = new Npgsql.NpgsqlConnection($"{cluster.Server.ConnectionString};Pooling=false"))
        {
            await other.OpenAsync();
            await using var transaction = await other.BeginTransactionAsync();
            await using var command = new Npgsql.NpgsqlCommand($"LOCK TABLE {_schema}.journal IN ACCESS EXCLUSIVE MODE", other);
            await command.ExecuteNonQueryAsync();
            log.Send("b");
            await log.Blocked();
        }

        Assert.Equal(2, await log.Written());
    }

    [Fact]
    public async Task A_second_broker_on_the_same_schema_is_refused()
    {
        var system = Start();
        var refusal = Assert.Throws<IOException>(() => Start());
        Assert.Contains($"another broker uses schema {_schema} of this database (actorbroker ", refusal.Message);
        Assert.Contains($" {Environment.ProcessId} at 127.0.0.1 since ", refusal.Message);

        var other = Start(PostgresCluster.NewSchema());
        await (await LogOwner.Recovered(other, "log")).Write("a");
        await Stop(system);
        system = Start();
        Assert.Empty((await LogOwner.Recovered(system, "log")).Events);
    }

    [Fact]
    public async Task A_broker_outlives_its_claim_and_takes_it_again()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a");
        await TakeClaimAway();
        Assert.Equal(2, await log.Write("b"));
        await LogOwner.Until(HasClaim, "the broker to take its claim again");

        Assert.Throws<IOException>(() => Start());
        Assert.Equal(3, await log.Write("c"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the rows that the key would collide with are gone
    public async Task Of_two_brokers_on_one_log_the_one_behind_is_stopped(bool deleted)
    {
        var ahead = await LogOwner.Recovered(Start(), "log");
        await ahead.Write("a", "b");
        var behind = await LogOwner.Recovered(await StartBeside(), "log");
        Assert.Equal(["a", "b"], behind.Events);
        await ahead.Write("c", "d", "e");
        if (deleted)
        {
            await ahead.Snapshot("abcde");
            await ahead.Delete(5);
        }

        behind.Send("x");
        var fenced = await behind.Next<LogProtocol.Fenced>("the log to be fenced");
        Assert.Contains("goes to 5, and only 2 was written here", fenced.Reason);
        Assert.True(behind.Alarms.IsOn);
        behind.Send("y");
        Assert.Equal(6, await ahead.Write("f"));
        Assert.False(behind.HasHeard);
        foreach (var system in _systems.ToArray())
        {
            await Stop(system);
        }

        var log = await LogOwner.Recovered(Start(), "log");
        Assert.Equal(deleted ? ["f"] : ["a", "b", "c", "d", "e", "f"], log.Events);
    }

    [Fact]
    public async Task Tables_of_another_program_and_of_a_newer_version_are_left_alone()
    {
        await cluster.Execute($"CREATE SCHEMA {_schema}; CREATE TABLE {_schema}.journal (theirs int)");
        Assert.Contains("the database has tables of another program there", Assert.Throws<IOException>(() => Start()).Message);

        var newer = PostgresCluster.NewSchema();
        await Stop(Start(newer));
        await cluster.Execute($"UPDATE {newer}.store SET value = '2' WHERE name = 'format'");
        Assert.Contains("the tables have format 2, and this broker knows formats up to 1", Assert.Throws<IOException>(() => Start(newer)).Message);
    }

    [Fact]
    public void A_server_that_is_not_there_is_named_without_the_password()
    {
        var error = Assert.Throws<IOException>(() => Open("Host=127.0.0.1;Port=1;Username=me;Password=secret;Database=broker"));
        Assert.Contains("the PostgreSQL database broker at 127.0.0.1:1, schema actorbroker, cannot be used", error.Message);
        Assert.DoesNotContain("secret", error.Message);
        var wrong = Assert.Throws<ConfigurationException>(() => Open("nonsense=1"));
        Assert.Contains("actor-broker.store.connection-string: must be like Host=", wrong.Message);
    }

    [Fact]
    public async Task Messages_are_not_compressed_a_second_time()
    {
        await Stop(Start());
        Assert.Equal('e', await cluster.Execute(
            $"SELECT attstorage FROM pg_attribute WHERE attrelid = '{_schema}.journal'::regclass AND attname = 'message'"));
    }

    private static BrokerStore? Open(string connectionString) => BrokerStore.Open(Broker.ConfigOf(ConfigurationFactory.ParseString(
        $"actor-broker.store.kind = postgresql\nactor-broker.store.connection-string = \"{connectionString}\"")));

    private ActorSystem Start(string? schema = null, string more = "")
    {
        var settings = $"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            {cluster.Store(schema ?? _schema)}
            {more}
            """;
        var system = BrokerSystem.Create($"system-{_systems.Count}", ConfigurationFactory.ParseString(settings));
        _systems.Add(system);
        return system;
    }

    private async Task Stop(ActorSystem system)
    {
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));
        _systems.Remove(system);
    }

    /// <summary>As after a fault of the network: the first one has lost its claim and does not know.</summary>
    private async Task<ActorSystem> StartBeside()
    {
        for (var attempt = 1; ; attempt++)
        {
            await TakeClaimAway();
            try
            {
                return Start();
            }
            catch (IOException) when (attempt < 5)
            {
                // the first one was quicker
            }
        }
    }

    private Task<object?> TakeClaimAway() => cluster.Execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()");

    private bool HasClaim()
    {
        using var connection = new Npgsql.NpgsqlConnection($"{cluster.Server.ConnectionString};Pooling=false");
        connection.Open();
        using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", connection);
        return command.ExecuteScalar() is > 0L;
    }
}
