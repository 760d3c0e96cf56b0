using ActorBroker.Client;
using ActorBroker.TestKit.Leaks;
using Akka.Event;
using RabbitMQ.Client;

namespace ActorBroker.TestKit.Tests.Leaks;

/// <summary>Each kind of leak is found, named, and can be allowed.</summary>
public sealed class LeakHuntSpec : BrokerTestKit
{
    [Fact]
    public async Task Names_unacked_messages_with_queue_count_and_consumer()
    {
        await Broker.DeclareQueue("work");
        var consumer = await Broker.Consume("work");
        await Broker.Publish("", "work", "a");
        await Broker.Publish("", "work", "b");
        await ShouldFind($"2 unacked in queue 'work' in vhost '/', held by consumer '{consumer.Consumer.Tag}' (2)");
        LeakHunt = LeakKinds.All & ~LeakKinds.Unacked;
    }

    [Fact]
    public async Task Names_messages_in_dead_letter_queues()
    {
        await Broker.DeclareQueue("late");
        await Broker.DeclareQueue("work", new QueueOptions { MessageTtl = TimeSpan.FromSeconds(1), DeadLetterExchange = "", DeadLetterRoutingKey = "late" });
        await Broker.Publish("", "work", "a");
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(2));
        await ShouldFind("1 dead-lettered in queue 'late' in vhost '/'");
        LeakHunt = LeakKinds.All & ~LeakKinds.DeadLetteredMessages;
    }

    [Fact]
    public async Task Names_open_sockets()
    {
        await Broker.ListenAsync();
        await using var connection = await new ConnectionFactory { Uri = Broker.AmqpUri }.CreateConnectionAsync();
        var found = await Find();
        Assert.StartsWith("an open socket: connection ", Assert.Single(found));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Names_publishes_that_wait_and_the_alarm_that_holds_them()
    {
        await Broker.DeclareQueue("work");
        await Broker.RaiseMemoryAlarm();
        var publish = Broker.Publish("", "work", "a");
        var found = await Find();
        Assert.Equal(2, found.Count);
        Assert.Equal("a publish that was never confirmed: 'a' to exchange '' with key 'work'", found[0]);
        Assert.StartsWith("publishers are blocked: ", found[1]);
        await Broker.ClearMemoryAlarm();
        await publish;
    }

    [Fact]
    public async Task Names_errors_that_the_broker_logs()
    {
        Logging.GetLogger(Broker.Running.System, "actor-broker").Error(new IOException("no reason"), "something broke");
        var found = await Find();
        Assert.Contains("something broke (IOException: no reason)", Assert.Single(found));
        LeakHunt = LeakKinds.All & ~LeakKinds.Faults;
    }

    [Fact]
    public async Task Names_what_was_sent_to_an_actor_that_is_gone()
    {
        await Broker.DeclareQueue("work");
        var queue = Broker.Running.FindVirtualHost("/")!.FindQueue("work")!;
        Broker.Running.System.Stop(queue.Actor); // no rule of the broker ends a queue like this
        await Clock.AtRestAsync();
        await Assert.ThrowsAsync<PublishRefusedException>(() => Broker.Publish("", "work", "a"));
        await Broker.DeclareQueue("other");
        var found = await Leaks(broker => broker.Diary.Lost);
        Assert.Contains("EnqueueBatch for ", found);
        LeakHunt = LeakKinds.None;
    }

    [Fact]
    public async Task Finds_nothing_after_a_clean_scenario()
    {
        await Broker.DeclareQueue("work");
        var consumer = await Broker.Consume("work");
        await Broker.Publish("", "work", "a");
        (await consumer.ExpectDeliveryAsync("a")).Ack();
        Assert.Empty(await Find());
    }

    private Task<List<string>> Find() => TestKit.Leaks.LeakHunt.Run(Broker, LeakKinds.All);

    private async Task<string> Leaks(Func<Scenarios.TestBroker, IEnumerable<string>> of)
    {
        await Clock.AtRestAsync();
        return string.Join("; ", of(Broker));
    }

    private async Task ShouldFind(string leak) => Assert.Equal([leak], await Find());
}
