using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorBroker.Addresses;
using ActorBroker.Queues;
using ActorBroker.TestKit.Leaks;
using Akka.Actor;
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
    public async Task Names_both_in_another_virtual_host_too()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await tenant.DeclareQueue("late");
        await tenant.DeclareQueue("work", new QueueOptions { MaxLength = 1, DeadLetterExchange = "", DeadLetterRoutingKey = "late" });
        await tenant.Publish("", "work", "a");
        await tenant.Publish("", "work", "b");
        await tenant.Get("work");
        Assert.Equal(
            ["1 dead-lettered in queue 'late' in vhost 'tenant'", "1 unacked in queue 'work' in vhost 'tenant', held by basic.get or a cancelled consumer (1)"],
            await Find());
        LeakHunt = LeakKinds.All & ~(LeakKinds.Unacked | LeakKinds.DeadLetteredMessages);
    }

    [Fact]
    public async Task Names_open_sockets_with_who_is_in_which_virtual_host()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await Broker.ListenAsync();
        await using var connection = await new ConnectionFactory { Uri = tenant.AmqpUri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(); // it does not wait for connection.open-ok before
        var found = Assert.Single(await Find(TimeSpan.Zero));
        Assert.StartsWith("an open socket: connection ", found);
        Assert.EndsWith(", user 'guest', vhost 'tenant'", found);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Names_sockets_that_have_not_logged_in()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, await Broker.ListenAsync());
        var since = Stopwatch.StartNew();
        while (Broker.OpenConnections.Count == 0)
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(10), "waited for the broker to accept");
            await Task.Delay(1);
        }

        var found = Assert.Single(await Find(TimeSpan.Zero));
        Assert.Matches(@"^an open socket: connection \d+, not logged in$", found);
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
    public async Task Names_actors_that_failed_and_began_anew()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await tenant.DeclareQueue("work");
        var queue = Broker.Running.FindVirtualHost("tenant")!.FindQueue("work")!;
        queue.Actor.Tell(new QueueProtocol.Fail(new IOException("no reason"))); // as by a fault of its own
        await tenant.Queue("work").ShouldHaveDepth(0);
        var found = Assert.Single(await Find());
        Assert.StartsWith("an actor that failed: ", found);
        Assert.Contains("QueueFailedException: queue 'work' in vhost 'tenant'", found);
        Assert.EndsWith("; it was restarted or stopped", found);
        LeakHunt = LeakKinds.All & ~LeakKinds.Faults;
    }

    [Fact]
    public async Task Does_not_name_a_queue_that_the_test_killed()
    {
        await Broker.DeclareQueue("work");
        await Broker.Queue("work").KillAsync();
        Assert.Empty(await Find());
    }

    [Fact]
    public async Task Names_publishes_that_wait_in_another_virtual_host()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await Broker.RaiseMemoryAlarm();
        var publish = tenant.Publish("", "work", "a");
        Assert.Contains("a publish that was never confirmed: 'a' to exchange '' with key 'work' in vhost 'tenant'", await Find());
        await Broker.ClearMemoryAlarm();
        await publish;
    }

    [Theory]
    [InlineData("/")]
    [InlineData("tenant")]
    public async Task Names_what_was_sent_to_an_actor_that_is_gone(string virtualHost)
    {
        var host = await Broker.DeclareVirtualHost(virtualHost);
        await host.DeclareQueue("work");
        var queue = Broker.Running.FindVirtualHost(virtualHost)!.FindQueue("work")!;
        Broker.Running.System.Stop(queue.Actor); // no rule of the broker ends a queue like this
        await Clock.AtRestAsync();
        await Assert.ThrowsAsync<PublishRefusedException>(() => host.Publish("", "work", "a"));
        await Clock.AtRestAsync();
        Assert.Equal(
            [$"a dead letter among actors: EnqueueBatch for queue 'work' in vhost '{virtualHost}'"],
            await TestKit.Leaks.LeakHunt.Run(Broker, LeakKinds.ActorDeadLetters));
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

    private Task<List<string>> Find(TimeSpan? patience = null) => TestKit.Leaks.LeakHunt.Run(Broker, LeakKinds.All, patience);

    private async Task ShouldFind(string leak) => Assert.Equal([leak], await Find());
}
