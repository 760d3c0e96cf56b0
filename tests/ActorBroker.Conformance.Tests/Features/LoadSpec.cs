using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Much of the same in a short time, as real clients do it.</summary>
public abstract class LoadSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_burst_of_a_hundred_thousand_messages_arrives_whole()
    {
        const int Count = 100_000;
        var queue = await Queue();
        var body = new byte[16];

        Phase.Current = "100 000 messages to be sent";
        for (var n = 0; n < Count; n++)
        {
            await Channel.BasicPublishAsync("", queue, body, Phase.Deadline);
        }

        await Phase.Until("100 000 messages", async () => await Depth(queue) == Count);
        Assert.Equal((uint)Count, await Channel.QueuePurgeAsync(queue));
    }

    [ConformanceFact]
    public async Task Two_hundred_connections_come_and_go()
    {
        const int AtOnce = 10;
        for (var round = 0; round < 20; round++)
        {
            Phase.Current = $"round {round} of {AtOnce} connections";
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => OpenAndClose()));
        }

        var queue = await Queue();
        await Send(queue, "still here");
    }

    [ConformanceFact]
    public async Task Fifty_connections_at_once_all_get_their_message()
    {
        var exchange = await Exchange("fanout");
        var inboxes = new List<Inbox>();
        for (var n = 0; n < 50; n++)
        {
            var channel = await Open(await Connect());
            var queue = (await channel.QueueDeclareAsync()).QueueName;
            await channel.QueueBindAsync(queue, exchange, "");
            inboxes.Add(await Consume(queue, autoAck: true, channel: channel));
        }

        await Publish(exchange, "", "to all");

        foreach (var inbox in inboxes)
        {
            Assert.Equal(["to all"], await inbox.Bodies(1));
        }
    }

    [ConformanceFact]
    public async Task A_client_that_redeclares_in_a_tight_loop_is_served()
    {
        var queue = await Queue();
        for (var round = 0; round < 500; round++)
        {
            Phase.Current = $"round {round}";
            await using var channel = await Connection.CreateChannelAsync();
            await channel.QueueDeclareAsync(queue, false, false, false);
        }
    }

    [ConformanceFact]
    public async Task Many_publishers_and_consumers_share_one_queue_without_loss()
    {
        const int Publishers = 8;
        const int Each = 500;
        var queue = await Queue();
        Inbox[] consumers = [await Consume(queue, autoAck: true), await Consume(queue, autoAck: true)];

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(PublishSome));

        await Phase.Until(
            "all deliveries", () => Task.FromResult(consumers.Sum(c => c.Waiting) == Publishers * Each));
        var all = new List<string>();
        foreach (var consumer in consumers)
        {
            all.AddRange(await consumer.Rest());
        }

        Assert.Equal(Publishers * Each, all.Distinct().Count());

        async Task PublishSome(int number)
        {
            var publisher = await ActorBroker.Tests.Shared.Publisher.Open(Connection, Phase);
            Assert.All(await publisher.PublishAll("", queue, Numbers(Each).Select(n => $"{number}/{n}")), Assert.True);
        }
    }

    private async Task OpenAndClose()
    {
        await using var connection = await Broker.Factory().CreateConnectionAsync(Phase.Deadline);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Phase.Deadline);
    }
}
