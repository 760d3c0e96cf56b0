using ActorBroker.Journal;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;
using LinqToDB.Data;

namespace ActorBroker.Tests.Stores;

/// <summary>What every store keeps: a log's writes, in order, once each, whatever happens to its actor system and its database.</summary>
public abstract class DurableLogSuite : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];

    /// <summary>Settings of the store; the same store for the whole test.</summary>
    protected abstract string Store { get; }

    /// <summary>Runs a statement on the store's tables, behind the broker's back.</summary>
    protected abstract void Change(string sql);

    /// <summary>The type of bytes.</summary>
    protected virtual string Binary => "blob";

    /// <summary>Longest time in which a log comes back after its database does.</summary>
    protected static TimeSpan Back => TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public virtual async Task DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await system.Terminate();
        }
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log-1");
        Assert.Empty(log.Events);
        Assert.Equal(1, await log.Write("a"));
        Assert.Equal(4, await log.Write("b", "c", "d"));
        var big = new string('x', 300_000);
        Assert.Equal(5, await log.Write(big));
        var other = await LogOwner.Recovered(system, "log-2");
        Assert.Equal(1, await other.Write("other"));
        await Stop(system);

        system = Start();
        log = await LogOwner.Recovered(system, "log-1");
        Assert.Equal(["a", "b", "c", "d", big], log.Events);
        Assert.Equal(5, log.Last);
        Assert.Equal(6, await log.Write("e"));
        other = await LogOwner.Recovered(system, "log-2");
        Assert.Equal(["other"], other.Events);
    }

    [Fact]
    public async Task A_batch_of_any_size_is_one_write()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        string[] many = [.. Enumerable.Range(0, 2500).Select(i => $"event {i}")]; // more than one round trip carries
        Assert.Equal(2500, await log.Write(many));
        await Stop(system);

        log = await LogOwner.Recovered(Start(), "log");
        Assert.Equal(many, log.Events);
    }

    [Fact]
    public async Task A_snapshot_stands_for_what_is_deleted()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        await log.Write("a", "b", "c");
        await log.Snapshot("abc");
        await log.Write("d");
        await log.Delete(3);
        await log.Write("e");
        await Stop(system);

        system = Start();
        log = await LogOwner.Recovered(system, "log");
        Assert.Equal("abc", log.State);
        Assert.Equal(["d", "e"], log.Events);
        Assert.Equal(5, log.Last);
        await log.Snapshot("abcde");
        await log.Delete(5);
        await Stop(system);

        log = await LogOwner.Recovered(Start(), "log");
        Assert.Equal("abcde", log.State);
        Assert.Empty(log.Events);
        Assert.Equal(5, log.Last); // numbers are never given twice
        Assert.Equal(6, await log.Write("f"));
    }

    [Fact]
    public async Task The_highest_number_outlives_the_deletion_of_everything()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        await log.Write("a", "b", "c");
        await log.Snapshot("abc");
        await log.Delete(3);
        await Stop(system);

        system = Start();
        log = await LogOwner.Recovered(system, "log");
        Assert.Equal(("abc", 3), (log.State, log.Last));
        Assert.Empty(await LogReader.For(system).Read("log", 1, 100));
        Assert.Equal(5, await log.Write("d", "e"));
    }

    [Fact]
    public async Task A_range_is_read_back_and_nothing_else()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        var other = await LogOwner.Recovered(system, "log2");
        string[] texts = [.. Enumerable.Range(1, 100).Select(i => $"event {i}")];
        await log.Write(texts);
        await other.Write("another log");
        await log.Snapshot("all");
        await log.Delete(10);

        var reader = LogReader.For(system);
        Assert.Same(reader, LogReader.For(system));
        Check([.. Enumerable.Range(20, 5)], await Read(20, 24));
        Check([7 + 4], await Read(7, 11));
        Check([100], await Read(100, 1000));
        Check([.. Enumerable.Range(11, 90)], await Read(1, 100)); // more than one batch
        Assert.Empty(await Read(101, 200));
        Assert.Empty(await Read(5, 4));
        Assert.Empty(await reader.Read("no such log", 1, 10));

        static void Check(int[] expected, int[] found) => Assert.Equal(expected, found);

        async Task<int[]> Read(long from, long to)
        {
            var found = await reader.Read("log", from, to);
            Assert.All(found, f => Assert.Equal($"event {f.SequenceNr}", System.Text.Encoding.UTF8.GetString(f.Event.Bytes)));
            return [.. found.Select(f => (int)f.SequenceNr)];
        }
    }

    [Fact]
    public async Task A_write_that_fails_is_written_once_in_the_end()
    {
        var faults = new Faults();
        var system = Start(faults);
        var log = await LogOwner.Recovered(system, "log");
        await log.Write("a");
        faults.FailCommands("INSERT INTO", times: 3);
        Assert.Equal(3, await log.Write("b", "c"));
        Assert.Equal(3, faults.Thrown);
        Assert.False(log.Alarms.IsOn);
        await log.Write("d");
        await Stop(system);

        log = await LogOwner.Recovered(Start(), "log");
        Assert.Equal(["a", "b", "c", "d"], log.Events);
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_not_written_twice()
    {
        var faults = new Faults();
        var system = Start(faults);
        var log = await LogOwner.Recovered(system, "log");
        await log.Write("a");
        faults.LoseAnswers(times: 1);
        Assert.Equal(3, await log.Write("b", "c"));
        Assert.Equal(1, faults.Thrown);
        Assert.Equal(2, faults.Inserts); // the first one, and this one
        faults.LoseAnswers(times: 2);
        Assert.Equal(4, await log.Write("d"));
        Assert.Equal(5, await log.Write("e"));
        await Stop(system);

        log = await LogOwner.Recovered(Start(), "log");
        Assert.Equal(["a", "b", "c", "d", "e"], log.Events);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_at_first_tells_everything_once()
    {
        var faults = new Faults();
        var system = Start();
        await (await LogOwner.Recovered(system, "log")).Write("a", "b");
        await Stop(system);

        faults.FailCommands("SELECT", times: 2);
        var log = await LogOwner.Recovered(Start(faults), "log");
        Assert.Equal(2, faults.Thrown);
        Assert.Equal(["a", "b"], log.Events);
        Assert.Equal(3, await log.Write("c"));
    }

    [Fact]
    public async Task A_log_may_go_from_one_writer_to_another_and_back()
    {
        // three lives of two processes; a filter of Akka.Persistence would drop the last ten, or the ten before them
        for (var life = 0; life < 3; life++)
        {
            var system = Start();
            var log = await LogOwner.Recovered(system, "log");
            Assert.Equal(life * 10, log.Events.Count);
            for (var i = 0; i < 10; i++)
            {
                await log.Write($"{life}.{i}");
            }

            await Stop(system);
        }

        Change("UPDATE journal SET writer_uuid = (SELECT writer_uuid FROM journal WHERE sequence_number = 1) WHERE sequence_number > 20");
        var last = await LogOwner.Recovered(Start(), "log");
        Assert.Equal(30, last.Events.Count);
        Assert.Equal(last.Events.Distinct(), last.Events);
    }

    [Fact]
    public async Task A_failed_batch_keeps_the_other_logs_back_no_longer_than_a_moment()
    {
        var faults = new Faults();
        var system = Start(faults);
        LogOwner[] logs = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(i => LogOwner.Recovered(system, $"log-{i}")))];
        await Task.WhenAll(logs.Select(l => l.Write("a")));
        faults.FailCommands("INSERT INTO", times: 12); // more than an ordinary breaker stands
        await Task.WhenAll(logs.Select(l => l.Write("b"))).WaitAsync(Back);
        Assert.Equal(12, faults.Thrown);
        await Stop(system);

        system = Start();
        foreach (var i in Enumerable.Range(0, 20))
        {
            Assert.Equal(["a", "b"], (await LogOwner.Recovered(system, $"log-{i}")).Events);
        }
    }

    [Fact]
    public async Task Damaged_events_of_a_queue_group_are_copied_into_a_table_once_and_the_broker_starts()
    {
        const string group = "actor-broker.store.queue-groups = 1";
        var broker = await Broker.StartAsync(Start(more: group)).WaitAsync(Back);
        await broker.Client.DeclareQueueAsync("q");
        foreach (var text in new[] { "a", "b", "c" })
        {
            await broker.Client.PublishAsync("", "q", System.Text.Encoding.UTF8.GetBytes(text));
        }

        await Stop(broker.System);
        Change("UPDATE journal SET message = CAST('no event' AS " + Binary + ") WHERE persistence_id = 'log-0' AND sequence_number = 2");
        broker = await Broker.StartAsync(Start(more: group)).WaitAsync(Back);
        Assert.Equal(["a", "c"], [(await broker.Client.GetAsync("q"))!.Text, (await broker.Client.GetAsync("q"))!.Text]);
        Assert.Null(await broker.Client.GetAsync("q"));
        var store = BrokerSystem.StoreOf(broker.System)!;
        await SetAsideEvents.KeepAsync(store, "log-0", [new(2, "again"), new(4, "there is none")]).WaitAsync(Back);
        await using var connection = new DataConnection(store.Options);
        var schema = store.Settings.Kind == StoreKind.PostgreSql ? $"{store.Settings.Schema}." : "";
        var kept = await connection.QueryToListAsync<string>($"SELECT problem FROM {schema}{SetAsideEvents.Table} WHERE persistence_id = 'log-0' AND sequence_number = 2");
        Assert.Equal("its first byte says format 110, its manifest 'ab.group.2'", Assert.Single(kept));
    }

    [Fact]
    public async Task The_number_of_queue_groups_is_that_of_the_first_start()
    {
        var system = Start(more: "actor-broker.store.queue-groups = 3");
        Assert.Equal(3, BrokerSystem.StoreOf(system)!.QueueGroups);
        await Stop(system);

        Assert.Equal(3, BrokerSystem.StoreOf(Start(more: "actor-broker.store.queue-groups = 5"))!.QueueGroups);
    }

    /// <summary>A broker's actor system over the test's store.</summary>
    private protected ActorSystem Start(Faults? faults = null, string more = "")
    {
        var system = BrokerSystem.Create(
            $"system-{_systems.Count}",
            ConfigurationFactory.ParseString($"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                {Store}
                {more}
                """),
            faults?.Observers ?? []);
        _systems.Add(system);
        return system;
    }

    /// <summary>Ends it in an orderly way; the store is closed afterwards.</summary>
    private protected async Task Stop(ActorSystem system)
    {
        await system.Terminate().WaitAsync(Back);
        _systems.Remove(system);
    }
}
