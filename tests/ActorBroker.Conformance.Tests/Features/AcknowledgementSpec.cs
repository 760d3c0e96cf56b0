using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Getting, acknowledging, rejecting: what goes, what comes back, and in which order.</summary>
public abstract class AcknowledgementSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task Get_says_how_many_messages_are_left()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));

        Assert.Equal(2u, (await Get(queue, autoAck: false))?.Behind);
        Assert.Equal(1u, (await Get(queue))?.Behind);
        Assert.Equal(0u, (await Get(queue))?.Behind);
        Assert.Null(await Get(queue));
    }

    [ConformanceFact]
    public async Task Delivery_tags_count_up_from_one_on_each_channel()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var channel = await Open();

        Assert.Equal(1ul, (await Get(queue, autoAck: true, channel))?.Tag);
        Assert.Equal(2ul, (await Get(queue, autoAck: false, channel))?.Tag);
        Assert.Equal(1ul, (await Get(queue))?.Tag);
    }

    [ConformanceFact]
    public async Task Acknowledging_multiple_settles_all_up_to_the_tag()
    {
        var queue = await Queue();
        await Send(queue, Numbers(5));
        var inbox = await Consume(queue);
        var held = await inbox.Take(5);

        await inbox.Ack(held[2], multiple: true);
        await inbox.Channel.CloseAsync();

        await Phase.Until("two messages to be back", async () => await Depth(queue) == 2);
        Assert.Equal(["3", "4"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task Acknowledging_multiple_with_tag_0_settles_all()
    {
        var queue = await Queue();
        await Send(queue, Numbers(5));
        var inbox = await Consume(queue);
        await inbox.Take(5);

        await inbox.Channel.BasicAckAsync(0, multiple: true);
        await inbox.Channel.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task Nack_of_several_brings_them_back_in_their_order()
    {
        var queue = await Queue();
        await Send(queue, Numbers(5));
        var inbox = await Consume(queue, prefetch: 4);
        var held = await inbox.Take(4);
        await inbox.Cancel();

        await inbox.Nack(held[2], multiple: true);

        await Phase.Until("three messages to be back", async () => await Depth(queue) == 4);
        var back = await DrainDeliveries(queue);
        Assert.Equal(
            [("0", true), ("1", true), ("2", true), ("4", false)], back.Select(d => (d.Body, d.Redelivered)));
    }

    [ConformanceFact]
    public async Task A_rejected_message_goes_back_to_its_old_place()
    {
        var queue = await Queue();
        await Send(queue, Numbers(4));
        var zero = (await Get(queue, autoAck: false))!;
        var one = (await Get(queue, autoAck: false))!;
        var two = (await Get(queue, autoAck: false))!;

        await Channel.BasicRejectAsync(one.Tag, requeue: true);
        await Channel.BasicNackAsync(zero.Tag, multiple: false, requeue: true);
        await Channel.BasicRejectAsync(two.Tag, requeue: true);

        await Phase.Until("three messages to be back", async () => await Depth(queue) == 4);
        Assert.Equal(Numbers(4), await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_rejected_message_is_gone_without_requeue()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var inbox = await Consume(queue, prefetch: 3);
        var held = await inbox.Take(3);

        await inbox.Reject(held[0], requeue: false);
        await inbox.Nack(held[2], multiple: true, requeue: false);
        await inbox.Channel.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_consumer_gets_its_own_rejected_message_again()
    {
        var queue = await Queue();
        await Send(queue, "m");
        var inbox = await Consume(queue, prefetch: 1);
        var first = await inbox.Next();
        Assert.False(first.Redelivered);

        await inbox.Reject(first, requeue: true);

        var second = await inbox.Next();
        Assert.Equal(("m", true, 2ul), (second.Body, second.Redelivered, second.Tag));
    }

    [ConformanceFact]
    public async Task A_second_delivery_says_how_often_it_was_tried()
    {
        var queue = await Queue();
        await Send(queue, "m");
        var inbox = await Consume(queue);
        var first = await inbox.Next();
        Assert.Null(first.Header("x-delivery-count"));

        await inbox.Nack(first);

        Assert.Equal(
            Differences.DeliveryCountOfSecondDelivery.For(Kind), (await inbox.Next()).Header("x-delivery-count"));
    }

    [ConformanceFact]
    public async Task Messages_of_a_closed_channel_come_back()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var channel = await Open();
        await Get(queue, autoAck: false, channel);
        await Get(queue, autoAck: false, channel);

        await channel.CloseAsync();

        await Phase.Until("all messages to be back", async () => await Depth(queue) == 3);
        Assert.Equal(Numbers(3), await Drain(queue));
    }

    [ConformanceFact]
    public async Task Messages_of_a_channel_closed_by_an_error_come_back()
    {
        var queue = await Queue();
        await Send(queue, Numbers(2));

        await ClosesChannel(
            406,
            "PRECONDITION_FAILED - unknown delivery tag 99",
            async c =>
            {
                await c.BasicGetAsync(queue, autoAck: false);
                await c.BasicAckAsync(99, multiple: false);
            });

        await Phase.Until("all messages to be back", async () => await Depth(queue) == 2);
        Assert.Equal(Numbers(2), await Drain(queue));
    }
}
