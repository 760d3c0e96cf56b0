using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Queues with <c>x-max-length</c> and <c>x-max-length-bytes</c>.</summary>
public abstract class LimitSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task Bytes_of_bodies_count_to_the_limit()
    {
        var queue = await Queue("q", ("x-max-length-bytes", 10));

        await Send(queue, "four", "four", "2b");
        Assert.Equal(3u, await Depth(queue));
        await Send(queue, "1");

        Assert.Equal(["four", "2b", "1"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_message_larger_than_the_whole_limit_does_not_stay()
    {
        var queue = await Queue("q", ("x-max-length-bytes", 3));

        await Send(queue, "a", "four");

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_message_is_refused_if_it_would_exceed_the_bytes()
    {
        var queue = await Queue("q", ("x-max-length-bytes", 4), ("x-overflow", "reject-publish"));

        var accepted = await (await Publisher()).PublishAll("", queue, ["abc", "abc", "a"]);

        Assert.Equal([true, false, true], accepted);
    }

    [ConformanceFact]
    public async Task What_consumers_hold_does_not_count()
    {
        var queue = await Queue("q", ("x-max-length", 1), ("x-overflow", "reject-publish"));
        var inbox = await Consume(queue, prefetch: 1);
        await Send(queue, "held");
        await inbox.Next();

        var accepted = await (await Publisher()).PublishAll("", queue, ["fits", "does not"]);

        Assert.Equal([true, false], accepted);
    }

    [ConformanceFact]
    public async Task A_limit_of_nothing_passes_messages_straight_to_consumers()
    {
        var queue = await Queue("q", ("x-max-length", 0));
        await Send(queue, "nobody there");
        Assert.Equal(0u, await Depth(queue));

        var inbox = await Consume(queue);
        await Send(queue, "somebody there");

        Assert.Equal(["somebody there"], await inbox.Bodies(1));
    }

    [ConformanceFact]
    public async Task One_full_queue_among_several_refuses_for_all()
    {
        var exchange = await Exchange("fanout");
        var full = await Queue("full", ("x-max-length", 1), ("x-overflow", "reject-publish"));
        await Channel.QueueBindAsync(full, exchange, "", null);
        var open = await BoundQueue(exchange, "open", "");

        var accepted = await (await Publisher()).PublishAll(exchange, "", Numbers(2));

        Assert.Equal([true, false], accepted);
        Assert.Equal(["0"], await Drain(full));
        Assert.Equal(["0", "1"], await Drain(open));
    }

    [ConformanceFact]
    public async Task A_refusing_queue_takes_messages_again_when_there_is_room()
    {
        var queue = await Queue("q", ("x-max-length", 1), ("x-overflow", "reject-publish"));
        var publisher = await Publisher();
        Assert.True(await publisher.Publish("", queue, "0"));
        Assert.False(await publisher.Publish("", queue, "1"));

        await Get(queue);

        Assert.True(await publisher.Publish("", queue, "2"));
        Assert.Equal(["2"], await Drain(queue));
    }
}
