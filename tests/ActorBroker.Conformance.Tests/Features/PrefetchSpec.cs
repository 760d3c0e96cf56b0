using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary><c>basic.qos</c> (60, 10): limits for one consumer and for a whole channel.</summary>
public abstract class PrefetchSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_limit_holds_for_consumers_that_start_later()
    {
        var queue = await Queue();
        var channel = await Open();
        await channel.BasicQosAsync(0, 1, global: false);
        var one = await Consume(queue, channel: channel);
        await channel.BasicQosAsync(0, 3, global: false);
        var three = await Consume(queue, channel: channel);

        await Send(queue, Numbers(10));

        await Phase.Until("the limits to be reached", async () => await Depth(queue) == 6);
        Assert.Equal((1, 3), ((await one.Rest()).Length, (await three.Rest()).Length));
        Assert.Equal(6u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_global_limit_is_shared_by_the_consumers_of_a_channel()
    {
        var one = await Queue("one");
        var two = await Queue("two");
        await Send(one, Numbers(5));
        await Send(two, Numbers(5));
        var channel = await Open();
        await channel.BasicQosAsync(0, 3, global: true);
        var first = await Consume(one, channel: channel);
        var second = await Consume(two, channel: channel);
        await Phase.Until("the limit to be reached", async () => await Depth(one) + await Depth(two) == 7);

        var held = await first.Next();
        Assert.Equal(7u, await Depth(one) + await Depth(two));
        await first.Ack(held);

        await Phase.Until("one more delivery", async () => await Depth(one) + await Depth(two) == 6);
        Assert.Equal(3, first.Waiting + second.Waiting);
    }

    [ConformanceFact]
    public async Task A_global_limit_starves_no_queue()
    {
        var channel = await Open();
        await channel.BasicQosAsync(0, 1, global: true);
        var inboxes = new List<Inbox>();
        foreach (var stem in (string[])["one", "two", "three"])
        {
            var queue = await Queue(stem);
            await Send(queue, Numbers(100));
            inboxes.Add(await Consume(queue, channel: channel));
        }

        var got = new int[3];
        for (var i = 0; i < 100; i++)
        {
            await Phase.Until("the next delivery", () => Task.FromResult(inboxes.Exists(b => b.Waiting > 0)));
            var from = inboxes.FindIndex(b => b.Waiting > 0);
            got[from]++;
            await inboxes[from].NextAcked();
        }

        Assert.All(got, g => Assert.InRange(g, 10, 80)); // RabbitMQ tells one that waits, by chance
    }

    [ConformanceFact]
    public async Task A_consumer_without_acks_waits_while_the_global_limit_is_reached()
    {
        var acked = await Queue("acked");
        var free = await Queue("free");
        var channel = await Open();
        await channel.BasicQosAsync(0, 2, global: true);
        var holds = await Consume(acked, channel: channel);
        var takes = await Consume(free, autoAck: true, channel: channel);
        await Send(free, Numbers(3));
        Assert.Equal(Numbers(3), await takes.Bodies(3)); // none of them takes a place

        await Send(acked, Numbers(2));
        var held = await holds.Take(2);
        await Send(free, "late");
        Assert.Equal(1u, await Depth(free));

        await holds.Ack(held[0]);
        Assert.Equal(["late"], await takes.Bodies(1));
    }

    [ConformanceFact]
    public async Task A_global_limit_and_that_of_a_consumer_hold_together()
    {
        var one = await Queue("one");
        var two = await Queue("two");
        await Send(one, Numbers(5));
        await Send(two, Numbers(5));
        var channel = await Open();
        await channel.BasicQosAsync(0, 2, global: false);
        await channel.BasicQosAsync(0, 3, global: true);

        await Consume(one, channel: channel);
        await Phase.Until("the limit of the consumer to be reached", async () => await Depth(one) == 3);
        await Consume(two, channel: channel);

        await Phase.Until("both limits to be reached", async () => await Depth(one) + await Depth(two) == 7);
    }

    [ConformanceFact]
    public async Task A_global_limit_that_is_raised_lets_more_through()
    {
        var queue = await Queue();
        await Send(queue, Numbers(10));
        var channel = await Open();
        await channel.BasicQosAsync(0, 2, global: true);
        await Consume(queue, channel: channel);
        await Phase.Until("two deliveries", async () => await Depth(queue) == 8);

        await channel.BasicQosAsync(0, 5, global: true);

        await Phase.Until("five deliveries", async () => await Depth(queue) == 5);
    }

    [ConformanceFact]
    public async Task Messages_without_acknowledgement_do_not_count()
    {
        var queue = await Queue();
        await Send(queue, Numbers(10));

        var inbox = await Consume(queue, prefetch: 1, autoAck: true);

        Assert.Equal(Numbers(10), await inbox.Bodies(10));
    }

    [ConformanceFact]
    public async Task Get_takes_no_notice_of_limits()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var channel = await Open();
        await channel.BasicQosAsync(0, 1, global: true);
        await channel.BasicQosAsync(0, 1, global: false);

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal($"{n}", (await Get(queue, autoAck: false, channel))?.Body);
        }
    }

    [ConformanceFact]
    public async Task A_full_consumer_leaves_the_turn_to_the_others()
    {
        var queue = await Queue();
        var slow = await Consume(queue, prefetch: 1);
        var fast = await Consume(queue);

        await Send(queue, Numbers(10));

        Assert.Equal("0", (await slow.Next()).Body);
        Assert.Equal(Numbers(10)[1..], await fast.Bodies(9));
    }
}
