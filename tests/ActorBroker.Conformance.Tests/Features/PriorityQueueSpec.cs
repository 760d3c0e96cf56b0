using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Queues with <c>x-max-priority</c>.</summary>
public abstract class PriorityQueueSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task Higher_priorities_come_first_and_the_maximum_caps()
    {
        var queue = await Queue("ranked", ("x-max-priority", 5));
        foreach (var priority in new byte[] { 1, 3, 5, 9 })
        {
            await Publish("", queue, $"{priority}", new BasicProperties { Priority = priority });
        }

        await Publish("", queue, "none");

        Assert.Equal(["5", "9", "3", "1", "none"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task Messages_of_one_priority_keep_their_order()
    {
        var queue = await Queue("ranked", ("x-max-priority", 10));
        foreach (var number in Enumerable.Range(0, 100))
        {
            await Publish("", queue, $"{number}", new BasicProperties { Priority = (byte)(number % 3) });
        }

        var expected = Numbers(100).OrderByDescending(n => int.Parse(n) % 3).ThenBy(int.Parse);
        Assert.Equal(expected, await Drain(queue));
    }

    [ConformanceFact]
    public async Task Requeued_messages_come_back_to_their_place_within_their_priority()
    {
        var queue = await Queue("ranked", ("x-max-priority", 2));
        foreach (var (body, priority) in new[] { ("low 0", 0), ("high 0", 2), ("high 1", 2), ("low 1", 0) })
        {
            await Publish("", queue, body, new BasicProperties { Priority = (byte)priority });
        }

        var inbox = await Consume(queue, prefetch: 3);
        var held = await inbox.Take(3);
        await inbox.Cancel();
        await inbox.Nack(held[2], multiple: true);

        await Phase.Until("all messages to be back", async () => await Depth(queue) == 4);
        Assert.Equal(["high 0", "high 1", "low 0", "low 1"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_queue_without_the_argument_takes_no_notice_of_priorities()
    {
        var queue = await Queue();
        foreach (var priority in new byte[] { 1, 9, 5 })
        {
            await Publish("", queue, $"{priority}", new BasicProperties { Priority = priority });
        }

        Assert.Equal(["1", "9", "5"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_full_queue_drops_its_head_which_is_the_highest_priority()
    {
        var queue = await Queue("ranked", ("x-max-priority", 5), ("x-max-length", 2));
        foreach (var priority in new byte[] { 1, 4, 3 })
        {
            await Publish("", queue, $"{priority}", new BasicProperties { Priority = priority });
        }

        Assert.Equal(["3", "1"], await Drain(queue));
    }
}
