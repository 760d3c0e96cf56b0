using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Who gets the next message: priorities, the single active consumer, cancelling.</summary>
public abstract class ConsumerSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_consumer_of_higher_priority_gets_all_until_its_prefetch_is_full()
    {
        var queue = await Queue();
        var low = await Consume(queue);
        var high = await Consume(queue, prefetch: 3, arguments: Table(("x-priority", 10)));

        await Send(queue, Numbers(5));

        Assert.Equal(["0", "1", "2"], await high.Bodies(3));
        Assert.Equal(["3", "4"], await low.Bodies(2));
    }

    [ConformanceFact]
    public async Task A_consumer_of_negative_priority_comes_after_those_without_one()
    {
        var queue = await Queue();
        var last = await Consume(queue, arguments: Table(("x-priority", -5)));
        var first = await Consume(queue, prefetch: 1);

        await Send(queue, Numbers(2));

        Assert.Equal(["0"], await first.Bodies(1));
        Assert.Equal(["1"], await last.Bodies(1));
    }

    [ConformanceFact]
    public async Task A_priority_that_is_no_number_is_refused()
    {
        var queue = await Queue();

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg 'x-priority' for queue '{queue}' in vhost '/': "
            + "\"expected integer, got longstr\"",
            c => c.BasicConsumeAsync(
                queue, true, "", false, false, Table(("x-priority", "high")), new Inbox(c, queue, Phase)));
    }

    [ConformanceFact]
    public async Task Only_one_of_the_consumers_is_active()
    {
        var queue = await Queue("single", ("x-single-active-consumer", true));
        var first = await Consume(queue);
        var second = await Consume(queue);

        await Send(queue, Numbers(4));
        Assert.Equal(Numbers(4), await first.Bodies(4));
        Assert.Empty(await second.Rest());

        await first.Cancel();
        await Send(queue, "after");
        Assert.Equal(["after"], await second.Bodies(1));
    }

    [ConformanceFact]
    public async Task The_next_active_consumer_goes_on_where_the_lost_one_was()
    {
        var queue = await Queue("single", ("x-single-active-consumer", true));
        var connection = await Connect();
        var first = await Consume(queue, prefetch: 2, connection: connection);
        var second = await Consume(queue);
        await Send(queue, Numbers(4));
        await first.Take(2);

        await connection.CloseAsync();

        var next = await second.Take(4);
        Assert.Equal(
            [("0", true), ("1", true), ("2", false), ("3", false)], next.Select(d => (d.Body, d.Redelivered)));
    }

    /// <summary>Most clients cancel their consumers before they close the channel: it makes no difference.</summary>
    [ConformanceTheory]
    [InlineData("channel.close")]
    [InlineData("connection.close")]
    [InlineData("channel error")]
    [InlineData("connection error")]
    [InlineData("cancel and channel.close")]
    [InlineData("cancel and connection.close")]
    [InlineData("two channels, connection.close")]
    public async Task The_next_active_consumer_begins_with_what_the_one_before_held_however_it_left(string how)
    {
        var queue = await Queue("single", ("x-single-active-consumer", true));
        var connection = await Connect();
        var first = await Consume(queue, prefetch: 2, connection: connection);
        var channels = how.StartsWith("two channels", StringComparison.Ordinal) ? 2 : 1;
        if (channels == 2)
        {
            await Consume(queue, connection: connection);
        }

        var second = await Consume(queue);
        await Send(queue, Numbers(4));
        await first.Take(2);

        if (how.StartsWith("cancel", StringComparison.Ordinal))
        {
            await first.Cancel();
        }

        await (how switch
        {
            "channel error" => Provoke(first.Channel, c => c.BasicAckAsync(99, false).AsTask()),
            "connection error" => Provoke(first.Channel, c => c.BasicQosAsync(10, 0, false)),
            _ when how.EndsWith("channel.close", StringComparison.Ordinal) => first.Channel.CloseAsync(),
            _ => connection.CloseAsync(),
        });
        var next = await second.Take(4);
        Assert.Equal(Numbers(4), next.Select(d => d.Body));
        Assert.Equal([true, true], next.Take(2).Select(d => d.Redelivered));
        if (channels == 1) // RabbitMQ closes two one after the other: the second one's consumer may have had the rest in between
        {
            Assert.Equal([false, false], next.Skip(2).Select(d => d.Redelivered));
        }
    }

    [ConformanceFact]
    public async Task What_a_cancelled_active_consumer_gives_back_goes_out_before_what_follows_it()
    {
        var queue = await Queue("single", ("x-single-active-consumer", true));
        var first = await Consume(queue, prefetch: 2);
        var second = await Consume(queue);
        await Send(queue, Numbers(4));
        var held = await first.Take(2);
        await first.Cancel();

        await first.Nack(held[0]);

        Assert.Equal([("0", true), ("2", false), ("3", false)], (await second.Take(3)).Select(d => (d.Body, d.Redelivered)));
    }

    [ConformanceFact]
    public async Task The_waiting_consumer_of_the_highest_priority_becomes_active_and_takes_nothing_from_who_is()
    {
        var queue = await Queue("single", ("x-single-active-consumer", true));
        var first = await Consume(queue, prefetch: 2);
        var low = await Consume(queue);
        var high = await Consume(queue, arguments: Table(("x-priority", 10)));
        await Send(queue, Numbers(4));
        Assert.Equal(["0", "1"], await first.Bodies(2));
        Assert.Empty(await high.Rest());

        await first.Channel.CloseAsync();

        Assert.Equal(Numbers(4), await high.Bodies(4));
        Assert.Empty(await low.Rest());
    }

    [ConformanceFact]
    public async Task An_exclusive_consumer_makes_room_when_it_is_cancelled()
    {
        var queue = await Queue();
        var exclusive = await Consume(queue, exclusive: true);
        await exclusive.Cancel();

        var next = await Consume(queue);
        await Send(queue, "m");

        Assert.Equal(["m"], await next.Bodies(1));
    }

    [ConformanceFact]
    public async Task Deleting_a_queue_cancels_its_consumers()
    {
        var queue = await Queue();
        var one = await Consume(queue);
        var two = await Consume(queue);

        await Channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);

        await one.CancelledByBroker();
        await two.CancelledByBroker();
        Assert.True(one.Channel.IsOpen);
    }

    [ConformanceFact]
    public async Task A_cancelled_consumer_keeps_what_it_holds_until_it_settles_it()
    {
        var queue = await Queue();
        await Send(queue, Numbers(2));
        var inbox = await Consume(queue);
        var held = await inbox.Take(2);

        await inbox.Cancel();
        Assert.Equal(0u, await Depth(queue));
        await inbox.Ack(held[0]);
        await inbox.Channel.CloseAsync();

        await Phase.Until("the other message to be back", async () => await Depth(queue) == 1);
        var back = await Get(queue);
        Assert.Equal(("1", true), (back?.Body, back?.Redelivered));
    }

    [ConformanceFact]
    public async Task A_cancelled_consumer_gets_nothing_more_and_its_tag_is_free()
    {
        var queue = await Queue();
        var first = await Consume(queue, tag: "mine");
        await first.Cancel();
        await Send(queue, "m");

        Assert.Empty(await first.Rest());
        var second = await Consume(queue, tag: "mine", channel: first.Channel);
        Assert.Equal(["m"], await second.Bodies(1));
    }

    [ConformanceFact]
    public async Task The_broker_makes_up_a_consumer_tag()
    {
        var queue = await Queue();

        var one = await Consume(queue);
        var two = await Consume(queue, channel: one.Channel);

        Assert.StartsWith("amq.ctag-", one.Tag, StringComparison.Ordinal);
        Assert.NotEqual(one.Tag, two.Tag);
    }

    [ConformanceFact]
    public async Task A_consumer_may_use_the_same_tag_on_another_channel()
    {
        var queue = await Queue();

        await Consume(queue, tag: "same");
        await Consume(queue, tag: "same");

        Assert.Equal(2u, await Channel.ConsumerCountAsync(queue));
    }

    private static async Task Provoke(IChannel channel, Func<IChannel, Task> act)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        try
        {
            await act(channel);
        }
        catch (OperationInterruptedException)
        {
            // that is the point
        }

        await closed.Task;
    }

    [ConformanceFact]
    public async Task No_local_is_accepted_and_does_nothing()
    {
        var queue = await Queue();
        var inbox = new Inbox(Channel, queue, Phase);
        await Channel.BasicConsumeAsync(queue, true, "", noLocal: true, exclusive: false, null, inbox);

        await Channel.BasicPublishAsync("", queue, "own"u8.ToArray());

        Assert.Equal(["own"], await inbox.Bodies(1));
    }
}
