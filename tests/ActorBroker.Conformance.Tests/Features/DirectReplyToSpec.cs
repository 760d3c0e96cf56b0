using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Answers to <c>amq.rabbitmq.reply-to</c>: a reply needs no queue.</summary>
public abstract class DirectReplyToSpec(Broker broker) : ConformanceSpec(broker)
{
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    [ConformanceFact]
    public async Task A_reply_reaches_the_channel_that_asked()
    {
        var service = await Queue("service");
        var client = await Consume(ReplyQueue, autoAck: true);
        await Ask(client, service, "question");

        var request = (await Get(service))!;
        Assert.StartsWith(ReplyQueue + ".", request.Properties.ReplyTo, StringComparison.Ordinal);
        await Publish("", request.Properties.ReplyTo!, "answer", new BasicProperties { CorrelationId = "7" });

        var reply = await client.Next();
        Assert.Equal(("answer", "7"), (reply.Body, reply.Properties.CorrelationId));
        Assert.Equal(("", request.Properties.ReplyTo), (reply.Exchange, reply.RoutingKey));
    }

    [ConformanceFact]
    public async Task A_thousand_calls_keep_their_order()
    {
        var service = await Queue("service");
        var client = await Consume(ReplyQueue, autoAck: true);
        var server = await Consume(service, autoAck: true);
        foreach (var number in Numbers(1000))
        {
            await Ask(client, service, number);
        }

        foreach (var request in await server.Take(1000))
        {
            await Channel.BasicPublishAsync(
                "", request.Properties.ReplyTo!, mandatory: true, new BasicProperties(), request.Bytes);
        }

        Assert.Equal(Numbers(1000), await client.Bodies(1000));
    }

    [ConformanceFact]
    public async Task A_reply_to_a_channel_that_is_gone_is_returned()
    {
        var service = await Queue("service");
        var client = await Consume(ReplyQueue, autoAck: true);
        await Ask(client, service, "question");
        var request = (await Get(service))!;
        await client.Channel.CloseAsync();
        var publisher = await Publisher();

        Assert.True(await publisher.Publish("", request.Properties.ReplyTo!, "late", mandatory: true));

        Assert.Equal("late", Assert.Single(publisher.Returns).Body);
    }

    [ConformanceFact]
    public async Task A_reply_address_can_be_looked_up_as_long_as_somebody_waits()
    {
        var service = await Queue("service");
        var client = await Consume(ReplyQueue, autoAck: true);
        await Ask(client, service, "question");
        var address = (await Get(service))!.Properties.ReplyTo!;

        Assert.Equal(address, (await Channel.QueueDeclarePassiveAsync(address)).QueueName);
        await client.Channel.CloseAsync();

        await ClosesChannel(
            404, $"NOT_FOUND - no queue '{address}' in vhost '/'", c => c.QueueDeclarePassiveAsync(address));
    }

    [ConformanceFact]
    public async Task Any_other_reply_to_is_left_alone()
    {
        var queue = await Queue();

        await Publish("", queue, "m", new BasicProperties { ReplyTo = "my.answers" });

        Assert.Equal("my.answers", (await Get(queue))?.Properties.ReplyTo);
    }

    [ConformanceFact]
    public async Task A_reply_consumer_may_be_cancelled_and_set_again()
    {
        var client = await Consume(ReplyQueue, autoAck: true);
        await client.Cancel();

        var again = await Consume(ReplyQueue, autoAck: true, channel: client.Channel);
        var service = await Queue("service");
        await Ask(again, service, "question");
        await Publish("", (await Get(service))!.Properties.ReplyTo!, "answer");

        Assert.Equal(["answer"], await again.Bodies(1));
    }

    private async Task Ask(Inbox client, string service, string question)
    {
        await client.Channel.BasicPublishAsync(
            "",
            service,
            mandatory: true,
            new BasicProperties { ReplyTo = ReplyQueue },
            System.Text.Encoding.UTF8.GetBytes(question));
        if (question == "question")
        {
            await Phase.Until("the question to arrive", async () => await Depth(service) == 1);
        }
    }
}
