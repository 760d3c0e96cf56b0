using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>What a message knows after a restart of the deliveries before it.</summary>
public sealed class RedeliverySpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private const string Count = "x-delivery-count";

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task A_message_requeued_twice_says_so_after_a_restart(Ending how)
    {
        var queue = await Queue();
        await Send(queue, "m");
        var inbox = await Consume(queue);
        await inbox.Requeue(await inbox.Next());
        await inbox.Requeue(await inbox.Next());
        var third = await inbox.Next();
        Assert.True(third.Redelivered);
        await inbox.Requeue(third);
        await inbox.Next();

        await Send(queue, "later"); // what came before is written with it
        await Restart(how);

        // That somebody had it at the moment of a kill need not be known any more.
        var after = (await Get(queue))!;
        Assert.True(after.Redelivered);
        CountIs(how == Ending.Kill ? [3, 4] : [4], after);
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task A_count_of_two_is_still_two_when_nobody_had_the_message_at_the_end(Ending how)
    {
        var queue = await Queue();
        await Send(queue, "m");
        for (var times = 0; times < 2; times++)
        {
            await GetAndRequeue(queue);
            await Waiting.Until("the message is ready again", async () => await Depth(queue) == 1);
        }

        await Send(queue, "later"); // what came before is written with it
        await Restart(how);

        var after = (await Get(queue))!;
        Assert.True(after.Redelivered);
        CountIs([2], after);
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task What_a_consumer_had_comes_again_as_redelivered_and_what_nobody_had_does_not(Ending how)
    {
        var queue = await Queue();
        await Send(queue, Numbers(10));
        var inbox = await Consume(queue, prefetch: 4);
        await inbox.Take(4);

        await Restart(how);

        var after = await Drain(queue);
        Assert.Equal(Numbers(10), after.Select(d => d.Body));
        Assert.All(after[..4], d => Assert.True(d.Redelivered));
        if (how == Ending.Stop || !DurableBroker.IsReference)
        {
            // After a kill RabbitMQ does not know how far a queue with consumers had come, and marks all of it.
            Assert.All(after[4..], d => Assert.False(d.Redelivered));
        }

        foreach (var again in after[..4])
        {
            CountIs(how == Ending.Kill ? [0, 1] : [1], again);
        }
    }

    [Fact]
    public async Task What_the_next_consumer_has_at_a_kill_comes_again_as_redelivered_too()
    {
        var queue = await Queue();
        await Send(queue, Numbers(4));
        var inbox = await Consume(queue, prefetch: 10);
        await inbox.Take(4);
        await inbox.Channel.CloseAsync(); // nobody is left: what was marked ahead is taken back
        await Waiting.Until("all are ready again", async () => await Depth(queue) == 4);
        await Send(queue, Numbers(4));
        await (await Consume(queue, prefetch: 8)).Take(8);

        await Restart(Ending.Kill);

        Assert.All(await Drain(queue), d => Assert.True(d.Redelivered));
    }

    [Fact]
    public async Task A_delivery_limit_counts_across_restarts()
    {
        var dead = await Queue("dead");
        var queue = await Queue(
            "poison",
            ("x-queue-type", "quorum"),
            ("x-delivery-limit", 3),
            ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", dead));
        await Send(queue, "poison");
        for (var life = 0; life < 3; life++)
        {
            await GetAndRequeue(queue);
            Assert.Equal(0u, await Depth(dead));
            await Restart(Ending.Stop);
        }

        await GetAndRequeue(queue);

        await Waiting.Until("the message is in the dead-letter queue", async () => await Depth(dead) == 1);
        Assert.Equal(0u, await Depth(queue));
    }

    private static void CountIs(long[] possible, Delivery delivery)
    {
        if (!DurableBroker.IsReference) // RabbitMQ counts in quorum queues only
        {
            Assert.Contains(Convert.ToInt64(delivery.Value(Count)), possible);
        }
    }

    private async Task GetAndRequeue(string queue)
    {
        var got = await Waiting.For($"an answer from {queue}", Channel.BasicGetAsync(queue, autoAck: false));
        Assert.NotNull(got);
        await Channel.BasicNackAsync(got.DeliveryTag, multiple: false, requeue: true);
    }
}
