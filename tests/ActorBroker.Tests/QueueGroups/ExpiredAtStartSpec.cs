using ActorBroker.Addresses;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Messages;
using ActorBroker.Stores;
using ActorBroker.Tests.Stores;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>Messages whose time is over when the broker starts again.</summary>
public sealed class ExpiredAtStartSpec : IDisposable
{
    private const int Messages = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _name = $"{Guid.NewGuid():N}";
    private readonly IDisposable _keeper;

    public ExpiredAtStartSpec() => _keeper = BrokerStore.KeepMemory(_name);

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public async Task They_reach_a_dead_letter_queue_that_was_opened_after_their_own()
    {
        // the clock of this life stands still
        var first = await Start("""akka.scheduler.implementation = "ActorBroker.Tests.Shared.VirtualScheduler, ActorBroker.Tests" """);
        await Declare(first, "short", ("x-message-ttl", 1L), ("x-dead-letter-exchange", "dlx"));
        var dead = 0;
        do
        {
            await Declare(first, $"dead-{++dead}"); // until one is in another group, which may take longer to read its log
        }
        while (LogOf(first, $"dead-{dead}") == LogOf(first, "short"));

        await first.Client.DeclareExchangeAsync("dlx", "fanout");
        await first.Client.BindQueueAsync($"dead-{dead}", "dlx");
        var slow = new Faults();
        slow.FailLog(LogOf(first, $"dead-{dead}"), times: 5);
        var persistent = new BasicProperties { DeliveryMode = 2 };
        var messages = Enumerable.Range(1, Messages).Select(i => Publisher.Numbered(i, persistent) with { Flags = MessageFlags.Persistent });
        Assert.Empty(await new Publisher().Publish(first.FindVirtualHost("/")!.FindQueue("short")!, [.. messages]).WaitAsync(Patience));
        await first.System.Terminate().WaitAsync(Patience);

        var second = await Start("", slow);
        var until = DateTime.UtcNow + Patience;
        QueueProtocol.QueueCounts counts;
        while ((counts = await Declare(second, $"dead-{dead}")).Ready < Messages)
        {
            Assert.True(DateTime.UtcNow < until, $"waited {Patience} for {Messages} dead letters; there are {counts.Ready}, and 'short' holds {(await Declare(second, "short")).Ready}");
            await Task.Yield();
        }

        Assert.Equal(5, slow.Thrown);
        await second.System.Terminate().WaitAsync(Patience);
    }

    private static string LogOf(Broker broker, string queue) =>
        broker.FindVirtualHost("/")!.FindQueue(queue)!.Group.Path.Name.Replace("actor-broker-group", "log", StringComparison.Ordinal);

    private static async Task<QueueProtocol.QueueCounts> Declare(Broker broker, string name, params (string, object?)[] arguments)
    {
        var passive = broker.FindVirtualHost("/")!.FindQueue(name) is not null;
        var declare = new TopologyProtocol.DeclareQueue("/", 1, name, passive, Durable: true, Exclusive: false, AutoDelete: false, Tables.Of(arguments));
        broker.Topology.Tell(declare, ActorRefs.NoSender);
        return await declare.Reply.Task.WaitAsync(Patience);
    }

    private Task<Broker> Start(string more, Faults? faults = null)
    {
        var settings = $"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            actor-broker.store.kind = memory
            actor-broker.store.memory-name = "{_name}"
            {more}
            """;
        return Broker.StartAsync(BrokerSystem.Create("expired", ConfigurationFactory.ParseString(settings), faults?.Observers ?? [])).WaitAsync(Patience);
    }
}
