using System.Data.Common;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal.Dao;
using Akka.Streams;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>What is appended past the library's statements.</summary>
public sealed class SqliteAppenderSpec : SqliteSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_rows_are_those_of_the_library()
    {
        var system = Start();
        var config = StoreJournal.ConfigOf(system, system.Settings.Config.GetConfig(StorePlugins.Journal));
        var library = new ByteArrayJournalDao(
            system.Scheduler.Advanced,
            ActorMaterializer.Create(system),
            new AkkaPersistenceDataConnectionFactory(config),
            config,
            system.Serialization,
            NoLogger.Instance,
            $"{Guid.NewGuid():N}",
            default);
        AtomicWrite[] write = [new(new Persistent(Event(7), 1, "library", manifest: "e"))];
        await library.AsyncWriteMessages(write, default, 638_000_000_000_000_000).WaitAsync(Patience);
        await Append(system, "ours", (1, Event(7)));
        await Stop(system);

        Assert.Equal(Rows("library"), Rows("ours"));
    }

    [Fact]
    public async Task One_logs_trouble_is_not_anothers()
    {
        var held = new Held();
        var system = Start(held);
        await Append(system, "a", (1, Event(1)));
        held.Hold();
        var first = Append(system, "a", (2, Event(2)));
        await held.Reached.Task.WaitAsync(Patience);
        var wrong = Append(system, "a", (3, Event(3)), (2, Event(4)));
        var right = Append(system, "b", (1, Event(5)), (2, Event(6)));
        held.Release();
        await first;
        await right;
        await Assert.ThrowsAsync<SqliteException>(() => wrong);
        await Append(system, "a", (3, Event(7)));
        await Stop(system);

        Assert.Equal(["1.1", "2.2", "3.7"], Numbers("a"));
        Assert.Equal(["1.5", "2.6"], Numbers("b"));
    }

    [Fact]
    public async Task What_several_logs_have_meanwhile_is_one_transaction()
    {
        var held = new Held();
        var system = Start(held);
        held.Hold();
        var writes = new List<Task> { Append(system, "a", (1, Event(1))) };
        await held.Reached.Task.WaitAsync(Patience);
        writes.AddRange(Enumerable.Range(0, 9).Select(i => Append(system, $"log-{i}", (1, Event(i)))));
        held.Release();
        await Task.WhenAll(writes);
        Assert.Equal(2, held.Transactions);
    }

    [Fact]
    public async Task A_store_that_is_closed_takes_nothing()
    {
        var system = Start();
        var appender = BrokerSystem.OpenStoreOf(system).Appender!;
        await Stop(system);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => appender.Append("a", [(1, Event(1))], 0).WaitAsync(Patience));
    }

    private static StoredEvent Event(int content) => new("manifest", [(byte)content, 0, 255]);

    private static Task Append(ActorSystem system, string log, params (long, StoredEvent)[] events) =>
        BrokerSystem.OpenStoreOf(system).Appender!.Append(log, events, 638_000_000_000_000_000).WaitAsync(Patience);

    private string[] Rows(string log) => Read(
        "SELECT created, deleted, typeof(deleted), sequence_number, hex(message), typeof(message), tags, typeof(tags), manifest, identifier, length(writer_uuid) FROM journal", log);

    private string[] Numbers(string log) => Read("SELECT sequence_number || '.' || unicode(message) FROM journal", log);

    private string[] Read(string sql, string log)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"{sql} WHERE persistence_id = '{log}' ORDER BY sequence_number";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader[i]}")));
        }

        return [.. rows];
    }

    /// <summary>Holds the next write up, and counts transactions.</summary>
    private sealed class Held : LinqToDB.Interceptors.CommandInterceptor, IAppendObserver
    {
        private readonly ManualResetEventSlim _open = new(true);
        private bool _isIn;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Transactions { get; private set; }

        public void Hold() => _open.Reset();

        public void Release() => _open.Set();

        public void Appending(DbCommand insert)
        {
            Transactions += _isIn ? 0 : 1;
            _isIn = true;
            if (!_open.IsSet)
            {
                Reached.TrySetResult();
                Assert.True(_open.Wait(Patience), "nobody has released the store");
            }
        }

        public void Appended() => _isIn = false;
    }
}
