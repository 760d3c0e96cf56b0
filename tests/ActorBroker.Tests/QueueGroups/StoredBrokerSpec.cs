using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Stores;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A broker whose one queue group keeps its log in memory, and which may be stopped or killed and started again.</summary>
public abstract class StoredBrokerSpec : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _name = $"{Guid.NewGuid():N}";
    private readonly SqliteConnection _keeper;
    private Broker? _broker;

    protected StoredBrokerSpec() => _keeper = (SqliteConnection)BrokerStore.KeepMemory(_name);

    private protected Publisher Publisher { get; } = new();

    private protected HeldStore Store { get; } = new();

    private protected Broker Broker => _broker!;

    /// <summary>What brokers have said with level ERROR, when their settings let them.</summary>
    private protected ConcurrentQueue<string> Errors { get; } = [];

    public Task InitializeAsync() => Start();

    public async Task DisposeAsync()
    {
        Store.Release();
        await Kill();
        Store.Dispose();
        _keeper.Dispose();
    }

    /// <summary>Starts the broker on what is stored.</summary>
    private protected async Task Start(string settings = "", params IInterceptor[] more)
    {
        var system = Open(settings, more);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(Errors))), typeof(Error));
        _broker = await Broker.StartAsync(system).WaitAsync(Patience);
    }

    /// <summary>Ends the broker without a word to its groups.</summary>
    private protected async Task Kill()
    {
        if (_broker is { } broker)
        {
            _broker = null;
            await broker.System.Terminate().WaitAsync(Patience);
        }
    }

    private protected async Task Restart(bool clean, string settings = "", params IInterceptor[] more)
    {
        if (clean)
        {
            Assert.True(await Broker.StopAsync(Patience), "the broker did not write all");
        }

        await Kill();
        await Start(settings, more);
    }

    private protected async Task<QueueHandle> Declare(string name = "q", bool exclusive = false, params (string, object?)[] arguments)
    {
        await Ask(new TopologyProtocol.DeclareQueue("/", 1, name, false, Durable: true, exclusive, false, Tables.Of(arguments)));
        return Queue(name);
    }

    private protected QueueHandle Queue(string name = "q") => Broker.FindVirtualHost("/")!.FindQueue(name)!;

    private protected Task<T> Ask<T>(TopologyProtocol.Request<T> request)
    {
        Broker.Topology.Tell(request);
        return request.Reply.Task.WaitAsync(Patience);
    }

    private protected async Task<QueueProtocol.QueueCounts> Counts(QueueHandle queue)
    {
        var declare = new TopologyProtocol.DeclareQueue("/", 1, queue.Name, true, true, false, false, Tables.Of());
        queue.Actor.Tell(new QueueProtocol.Inspect(declare, declare.Reply));
        return await declare.Reply.Task.WaitAsync(Patience);
    }

    /// <summary>One persistent message whose body is a number, with zeros before it up to that size.</summary>
    private protected static Message Persistent(int number, int size = 0)
    {
        var message = Message.Create("", "q", [0, 0], Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadLeft(size, '0')));
        message.Flags = MessageFlags.Persistent;
        return message;
    }

    /// <summary>Publishes messages with these numbers in one batch.</summary>
    private protected Task<ulong[]> Publish(QueueHandle queue, params int[] numbers) =>
        Publisher.Publish(queue, Array.ConvertAll(numbers, n => Persistent(n))).WaitAsync(Patience);

    /// <summary>Publishes <paramref name="count"/> messages from 1 with 2 KiB each, in small batches; all are confirmed.</summary>
    private protected async Task Fill(QueueHandle queue, int count)
    {
        var batches = Enumerable.Range(1, count).Chunk(10);
        await Task.WhenAll(batches.Select(b => Publisher.Publish(queue, Array.ConvertAll(b, n => Persistent(n, 2048))))).WaitAsync(Patience);
    }

    private protected StoredConsumer Consume(QueueHandle queue, int prefetch = 0, bool noAck = false) => new(Broker.System, queue, prefetch, noAck);

    private protected static Task<int> Purge(QueueHandle queue)
    {
        var reply = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(reply));
        return reply.Task.WaitAsync(Patience);
    }

    /// <summary>What the group's log says, as a restart would read it.</summary>
    private protected Task<LogIndex> ReadLog() => ReadLog(Broker.System);

    /// <summary>The same while no broker runs.</summary>
    private protected async Task<LogIndex> ReadLogAtRest()
    {
        var system = Open("");
        var index = await ReadLog(system);
        await system.Terminate().WaitAsync(Patience);
        return index;
    }

    /// <summary>Another process writes to the group's log.</summary>
    private protected void WriteBehindItsBack()
    {
        var columns = new List<string>();
        using var command = _keeper.CreateCommand();
        command.CommandText = "SELECT name FROM pragma_table_info('journal') WHERE name NOT IN ('ordering', 'sequence_number')";
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                columns.Add(reader.GetString(0));
            }
        }

        var all = string.Join(", ", columns);
        const string Last = "(SELECT MAX(sequence_number) FROM journal WHERE persistence_id = 'log-0')";
        command.CommandText = $"""
            INSERT INTO journal (sequence_number, {all}) SELECT sequence_number + more.n, {all} FROM journal, (SELECT 1 AS n) AS more
            WHERE persistence_id = 'log-0' AND sequence_number = {Last}
            """;
        Assert.Equal(1, command.ExecuteNonQuery()); // as many as the broker itself is about to write
    }

    /// <summary>Another process takes all but the newest event out of the group's log, or puts them back.</summary>
    private protected void HideOldEvents(bool back = false)
    {
        using var command = _keeper.CreateCommand();
        const string Old = "persistence_id = 'log-0' AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = 'log-0')";
        command.CommandText = back
            ? "INSERT INTO journal SELECT * FROM hidden; DROP TABLE hidden"
            : $"CREATE TABLE hidden AS SELECT * FROM journal WHERE {Old}; DELETE FROM journal WHERE {Old}";
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    /// <summary>Runs a statement in the database behind the broker's back.</summary>
    /// <returns>The first value of its answer.</returns>
    private protected object? Run(string sql)
    {
        using var command = _keeper.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Turns one byte of an event in a log.</summary>
    private protected void Damage(string log, long sequenceNr, int at)
    {
        var where = $"persistence_id = '{log}' AND sequence_number = {sequenceNr}";
        var bytes = Assert.IsType<byte[]>(Run($"SELECT message FROM journal WHERE {where}"));
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x10;
        Run($"UPDATE journal SET message = X'{Convert.ToHexString(bytes)}' WHERE {where}");
    }

    private sealed class Listener(ConcurrentQueue<string> errors) : UntypedActor
    {
        protected override void OnReceive(object message) => errors.Enqueue($"{((Error)message).Message}");
    }

    private static async Task<LogIndex> ReadLog(ActorSystem system)
    {
        var index = new LogIndex();
        foreach (var (number, stored) in await LogReader.For(system).Read("log-0", 1, long.MaxValue).WaitAsync(Patience))
        {
            index.Apply(number, stored.Bytes);
        }

        return index;
    }

    private ActorSystem Open(string settings, params IInterceptor[] more) =>
        BrokerSystem.Create(
            "stored",
            ConfigurationFactory.ParseString($"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                akka.coordinated-shutdown.run-by-actor-system-terminate = off # a terminated system is as good as killed
                actor-broker.store.kind = memory
                actor-broker.store.queue-groups = 1
                actor-broker.store.memory-name = "{_name}"
                {settings}
                """),
            [Store, .. more]);
}
