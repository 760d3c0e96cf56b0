using System.Diagnostics;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Names that the broker makes, and queues that go by themselves.</summary>
public abstract class QueueLifetimeSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task The_broker_makes_up_a_name_for_a_queue_without_one()
    {
        var one = (await Channel.QueueDeclareAsync("", false, exclusive: true, false)).QueueName;
        var two = (await Channel.QueueDeclareAsync("", false, exclusive: true, false)).QueueName;

        Assert.Matches("^amq\\.gen-[A-Za-z0-9_-]{16,}$", one);
        Assert.NotEqual(one, two);
        Assert.Equal(one, (await Channel.QueueDeclarePassiveAsync(one)).QueueName);
    }

    [ConformanceFact]
    public async Task An_exclusive_queue_goes_with_its_connection_and_not_with_its_channel()
    {
        var queue = Name("mine");
        var owner = await Connect();
        var channel = await Open(owner);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);
        await channel.CloseAsync();

        Assert.Equal(queue, (await (await Open(owner)).QueueDeclarePassiveAsync(queue)).QueueName);
        await owner.CloseAsync();

        await ClosesChannel(
            404, $"NOT_FOUND - no queue '{queue}' in vhost '/'", c => c.QueueDeclarePassiveAsync(queue));
    }

    [ConformanceFact]
    public async Task An_auto_delete_queue_waits_for_its_first_consumer_and_goes_with_the_last()
    {
        var queue = Name("auto");
        await Channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        await Get(queue);
        var one = await Consume(queue);
        var two = await Consume(queue);

        await one.Cancel();
        Assert.Equal(1u, await Channel.ConsumerCountAsync(queue));
        await two.Cancel();

        await Phase.Until("the queue to go", async () => !await Exists(queue));
    }

    [ConformanceFact]
    public async Task An_auto_delete_queue_goes_with_the_connection_of_its_last_consumer()
    {
        var queue = Name("auto");
        await Channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        var connection = await Connect();
        await Consume(queue, connection: connection);

        await connection.CloseAsync();

        await Phase.Until("the queue to go", async () => !await Exists(queue));
    }

    [ConformanceFact]
    public async Task Get_does_not_count_as_a_consumer_of_an_auto_delete_queue()
    {
        var queue = Name("auto");
        await Channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        await Send(queue, "m");

        await Get(queue);

        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task An_unused_queue_expires()
    {
        var queue = await Queue("idle", ("x-expires", 200));

        await Phase.Until("the queue to expire", async () => !await Exists(queue));
    }

    [ConformanceFact]
    public async Task An_expired_queue_takes_its_messages_along_unseen()
    {
        var dead = await Queue("dead");
        var queue = await Queue(
            "idle", ("x-expires", 200), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        await Send(queue, "m");

        await Phase.Until("the queue to expire", async () => !await Exists(queue));

        Assert.Equal(0u, await Depth(dead));
    }

    [ConformanceFact]
    public async Task Getting_from_a_queue_keeps_it_from_expiring()
    {
        var queue = await Queue("idle", ("x-expires", 1000));
        var watch = Stopwatch.StartNew();

        await Phase.Until("more than the time to expire", async () =>
        {
            await Get(queue);
            return watch.ElapsedMilliseconds > 1600;
        });

        Assert.True(await Exists(queue));
    }

    [ConformanceFact]
    public async Task A_consumer_keeps_a_queue_from_expiring()
    {
        var used = await Queue("used", ("x-expires", 200));
        var inbox = await Consume(used);
        var idle = await Queue("idle", ("x-expires", 600));

        await Phase.Until("the idle queue to expire", async () => !await Exists(idle));

        Assert.True(await Exists(used));
        await inbox.Cancel();
        await Phase.Until("the used queue to expire", async () => !await Exists(used));
    }

    [ConformanceFact]
    public async Task Declaring_says_how_many_messages_and_consumers_there_are()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var inbox = await Consume(queue, prefetch: 1);
        await inbox.Next();

        var ok = await Channel.QueueDeclareAsync(queue, false, false, false);

        Assert.Equal((2u, 1u), (ok.MessageCount, ok.ConsumerCount));
    }

    [ConformanceFact]
    public async Task Purging_counts_and_leaves_what_consumers_hold()
    {
        var queue = await Queue();
        await Send(queue, Numbers(5));
        var inbox = await Consume(queue, prefetch: 2);
        var held = await inbox.Take(2);

        Assert.Equal(3u, await Channel.QueuePurgeAsync(queue));
        await inbox.Cancel();
        await inbox.Nack(held[1], multiple: true);

        await Phase.Until("the held messages to be back", async () => await Depth(queue) == 2);
        Assert.Equal(["0", "1"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task Deleting_counts_the_messages_that_go_with_the_queue()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));

        Assert.Equal(3u, await Channel.QueueDeleteAsync(queue, ifUnused: true, ifEmpty: false));
    }
}
