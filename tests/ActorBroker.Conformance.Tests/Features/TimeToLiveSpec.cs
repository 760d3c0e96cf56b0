using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Messages that expire, by the queue's rule and by their own.</summary>
public abstract class TimeToLiveSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task Messages_expire_after_the_time_of_their_queue()
    {
        var queue = await Queue("q", ("x-message-ttl", 150));
        await Send(queue, Numbers(3));

        await Phase.Until("the messages to expire", async () => await Depth(queue) == 0);
    }

    [ConformanceTheory]
    [InlineData(60_000, "50")]
    [InlineData(50, "60000")]
    public async Task The_shorter_of_two_times_counts(int ofQueue, string ofMessage)
    {
        var queue = await Queue("q", ("x-message-ttl", ofQueue));
        await Publish("", queue, "m", new BasicProperties { Expiration = ofMessage });

        await Phase.Until("the message to expire", async () => await Depth(queue) == 0);
    }

    [ConformanceFact]
    public async Task Messages_of_one_time_expire_in_their_order()
    {
        var dead = await Queue("dead");
        var queue = await Queue(
            "q", ("x-message-ttl", 50), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        await Send(queue, Numbers(100));

        Assert.Equal(Numbers(100), await (await Consume(dead)).Bodies(100));
    }

    [ConformanceFact]
    public async Task A_short_time_behind_a_long_one_is_kept_as_the_product_promises()
    {
        var dead = await Queue("dead");
        var clock = await Queue(
            "clock", ("x-message-ttl", 500), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        var queue = await Queue("q");
        await Publish("", queue, "long", new BasicProperties { Expiration = "60000" });
        await Publish("", queue, "short", new BasicProperties { Expiration = "100" });
        await Send(clock, "half a second later");

        await (await Consume(dead)).Next();

        Assert.Equal(Differences.LeftAfterShortTtlBehindLong.For(Kind), await Depth(queue));
    }

    [ConformanceFact]
    public async Task With_no_time_at_all_a_message_lives_only_in_the_hands_of_a_consumer()
    {
        var queue = await Queue("q", ("x-message-ttl", 0));
        await Send(queue, "nobody there");
        Assert.Equal(0u, await Depth(queue));

        var inbox = await Consume(queue);
        await Send(queue, "somebody there");

        Assert.Equal(["somebody there"], await inbox.Bodies(1));
    }

    [ConformanceFact]
    public async Task Expiration_0_works_like_a_time_of_0()
    {
        var queue = await Queue();
        await Publish("", queue, "nobody there", new BasicProperties { Expiration = "0" });
        Assert.Equal(0u, await Depth(queue));

        var inbox = await Consume(queue);
        await Publish("", queue, "somebody there", new BasicProperties { Expiration = "0" });

        Assert.Equal(["somebody there"], await inbox.Bodies(1));
    }

    [ConformanceFact]
    public async Task A_message_in_the_hands_of_a_consumer_does_not_expire()
    {
        var dead = await Queue("dead");
        var queue = await Queue(
            "q", ("x-message-ttl", 100), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        var inbox = await Consume(queue, prefetch: 1);
        await Send(queue, "held", "waiting");
        var held = await inbox.Next();

        Assert.Equal("waiting", (await (await Consume(dead)).Next()).Body);
        await inbox.Ack(held);

        Assert.Empty(await inbox.Rest());
        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_message_that_comes_back_too_late_expires_at_once()
    {
        var dead = await Queue("dead");
        var queue = await Queue(
            "q", ("x-message-ttl", 100), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        var letters = await Consume(dead);
        await Send(queue, "held", "clock");
        var held = (await Get(queue, autoAck: false))!;
        Assert.Equal("clock", (await letters.Next()).Body);

        await Channel.BasicRejectAsync(held.Tag, requeue: true);

        Assert.Equal("held", (await letters.Next()).Body);
    }

    [ConformanceFact]
    public async Task The_largest_allowed_expiration_is_accepted()
    {
        var queue = await Queue();

        await Publish("", queue, "m", new BasicProperties { Expiration = $"{uint.MaxValue}" });

        Assert.Equal(["m"], await Drain(queue));
    }
}
