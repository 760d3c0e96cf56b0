using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Publisher confirms and returned messages.</summary>
public abstract class ConfirmSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_mandatory_message_is_returned_before_it_is_confirmed()
    {
        var publisher = await Publisher();
        var nobody = Name("nobody");

        Assert.True(await publisher.Publish("amq.direct", nobody, "m", mandatory: true));

        Assert.Equal(["return 312 NO_ROUTE", "ack"], publisher.Log);
        Assert.Equal(new ReturnedMessage("amq.direct", nobody, "m"), Assert.Single(publisher.Returns));
    }

    [ConformanceFact]
    public async Task A_message_that_nobody_wants_is_confirmed()
    {
        var publisher = await Publisher();

        Assert.True(await publisher.Publish("amq.direct", Name("nobody"), "m"));

        Assert.Equal(["ack"], publisher.Log);
    }

    [ConformanceFact]
    public async Task A_mandatory_message_that_is_wanted_is_not_returned()
    {
        var queue = await Queue();
        var publisher = await Publisher();

        Assert.True(await publisher.Publish("", queue, "m", mandatory: true));

        Assert.Equal(["ack"], publisher.Log);
    }

    [ConformanceFact]
    public async Task Three_thousand_confirms_may_be_outstanding()
    {
        var queue = await Queue();

        var confirms = await (await Publisher()).PublishAll("", queue, Numbers(3000));

        Assert.All(confirms, Assert.True);
        Assert.Equal(3000u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task Persistent_messages_in_a_durable_queue_are_confirmed()
    {
        var queue = Name("durable");
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);

        var confirms = await (await Publisher()).PublishAll(
            "", queue, Numbers(200), new BasicProperties { DeliveryMode = DeliveryModes.Persistent });

        Assert.All(confirms, Assert.True);
        Assert.Equal(Numbers(200), await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_message_for_many_queues_is_confirmed_once()
    {
        var exchange = await Exchange("fanout");
        for (var n = 0; n < 10; n++)
        {
            await BoundQueue(exchange, $"q{n}", "");
        }

        var publisher = await Publisher();
        Assert.True(await publisher.Publish(exchange, "", "first"));
        Assert.True(await publisher.Publish(exchange, "", "second"));

        Assert.Equal(["ack", "ack"], publisher.Log);
    }

    [ConformanceFact]
    public async Task Confirming_starts_with_number_one_on_each_channel()
    {
        var queue = await Queue();
        var other = await ActorBroker.Tests.Shared.Publisher.Open(Connection, Phase);
        await Send(queue, "0", "1");

        Assert.True(await other.Publish("", queue, "2"));
    }

    [ConformanceFact]
    public async Task A_refused_message_is_confirmed_in_the_negative()
    {
        var queue = await Queue("q", ("x-max-length", 0), ("x-overflow", "reject-publish"));
        var publisher = await Publisher();

        Assert.False(await publisher.Publish("", queue, "m"));

        Assert.Equal(["nack"], publisher.Log);
    }

    [ConformanceFact]
    public async Task Messages_of_one_channel_keep_their_order_through_an_exchange()
    {
        var exchange = await Exchange("topic");
        var queue = await BoundQueue(exchange, "q", "#");
        var inbox = await Consume(queue, autoAck: true);

        await (await Publisher()).PublishAll(exchange, "a.b", Numbers(2000));

        Assert.Equal(Numbers(2000), await inbox.Bodies(2000));
    }
}
