using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Scenarios;

/// <summary>Queues between producers and consumers that know nothing of each other.</summary>
public abstract class DeliveryScenarioSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task SD_01_A_thousand_messages_are_accepted_before_any_consumer_exists()
    {
        var queue = await Queue();
        await Send(queue, Numbers(1000));

        var late = await Consume(queue, autoAck: true);

        Assert.Equal(Numbers(1000), await late.Bodies(1000));
        Assert.Empty(await late.Rest());
    }

    [ConformanceFact]
    public async Task SD_02_A_full_queue_refuses_exactly_what_is_over_its_limit()
    {
        var queue = await Queue("limited", ("x-max-length", 10), ("x-overflow", "reject-publish"));

        var accepted = await (await Publisher()).PublishAll("", queue, Numbers(14));

        Assert.Equal((10, 4), (accepted.Count(ok => ok), accepted.Count(ok => !ok)));
        Assert.Equal(10u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task SD_04_Each_message_of_a_queue_goes_to_exactly_one_consumer()
    {
        var queue = await Queue();
        Inbox[] consumers = [await Consume(queue), await Consume(queue), await Consume(queue)];

        await Send(queue, Numbers(300));

        await Phase.Until("300 deliveries", () => Task.FromResult(consumers.Sum(c => c.Waiting) == 300));
        var all = new List<string>();
        foreach (var consumer in consumers)
        {
            all.AddRange(await consumer.Rest());
        }

        Assert.Equal(Numbers(300), all.OrderBy(int.Parse));
    }

    [ConformanceTheory]
    [InlineData("fanout")]
    [InlineData("topic")]
    public async Task SD_05_Every_subscriber_gets_every_message(string type)
    {
        var exchange = await Exchange(type);
        string[] queues =
        [
            await BoundQueue(exchange, "one", "news"),
            await BoundQueue(exchange, "two", "news"),
            await BoundQueue(exchange, "three", "news"),
        ];

        foreach (var body in Numbers(5))
        {
            await Publish(exchange, "news", body);
        }

        foreach (var queue in queues)
        {
            Assert.Equal(Numbers(5), await Drain(queue));
        }
    }

    [ConformanceFact]
    public async Task SD_06_A_subscriber_may_come_after_the_producer()
    {
        var exchange = await Exchange("fanout");
        await Publish(exchange, "", "unheard");

        var queue = await BoundQueue(exchange, "late", "");
        await Publish(exchange, "", "heard");

        Assert.Equal(["heard"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_08_The_default_exchange_routes_by_queue_name()
    {
        var mine = await Queue("mine");
        var other = await Queue("other");

        await Publish("", mine, "m");

        Assert.Equal(["m"], await Drain(mine));
        Assert.Equal(0u, await Depth(other));
    }

    [ConformanceFact]
    public async Task SD_11_A_consumer_cannot_read_from_an_exchange()
    {
        var exchange = await Exchange("fanout");

        await ClosesChannel(
            404,
            $"NOT_FOUND - no queue '{exchange}' in vhost '/'",
            c => c.BasicConsumeAsync(exchange, true, new Inbox(c, exchange, Phase)));
    }

    [ConformanceFact]
    public async Task SD_12_The_consumer_alone_declares_and_binds()
    {
        var exchange = await Exchange("direct");
        var consumer = await Connect();
        var channel = await Open(consumer);
        var queue = Name("q");
        await channel.QueueDeclareAsync(queue, false, exclusive: true, false);
        await channel.QueueBindAsync(queue, exchange, "k");
        var inbox = await Consume(queue, channel: channel);

        await Publish(exchange, "k", "m");

        Assert.Equal("m", (await inbox.NextAcked()).Body);
    }

    [ConformanceFact]
    public async Task SD_13_Each_exchange_type_routes_by_its_own_rule()
    {
        var queue = await Queue();
        foreach (var type in new[] { "direct", "fanout", "topic", "headers" })
        {
            var exchange = await Exchange(type, type);
            await Channel.QueueBindAsync(queue, exchange, "a.*", Table(("x-match", "all"), ("colour", "red")));
            await Publish(exchange, "a.*", $"{type}: key as bound");
            await Publish(exchange, "a.b", $"{type}: key that matches");
            await Publish(exchange, "z", $"{type}: headers that match", Headers(("colour", "red")));
        }

        Assert.Equal(
            [
                "direct: key as bound",
                "fanout: key as bound", "fanout: key that matches", "fanout: headers that match",
                "topic: key as bound", "topic: key that matches",
                "headers: headers that match",
            ],
            await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_20_The_same_name_in_two_virtual_hosts_is_two_queues()
    {
        var queue = await Queue();
        var second = await Open(await Connect(vhost: Accounts.SecondHost));
        await second.QueueDeclareAsync(queue, false, exclusive: true, false);

        await Send(queue, "first");

        Assert.Equal(0u, await second.MessageCountAsync(queue));
        Assert.Equal(["first"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_21_One_message_goes_to_each_matching_queue_once()
    {
        var exchange = await Exchange("topic");
        var both = await BoundQueue(exchange, "both", "a.#", "#.b");
        var one = await BoundQueue(exchange, "one", "a.*");

        await Publish(exchange, "a.b", "m");

        Assert.Equal(["m"], await Drain(both));
        Assert.Equal(["m"], await Drain(one));
    }

    [ConformanceFact]
    public async Task SD_22_The_routing_key_decides_on_a_direct_exchange()
    {
        var exchange = await Exchange("direct");
        var red = await BoundQueue(exchange, "red", "red");
        var colours = await BoundQueue(exchange, "colours", "red", "green");

        await Publish(exchange, "red", "r");
        await Publish(exchange, "green", "g");
        await Publish(exchange, "re", "none");
        await Publish(exchange, "", "none");

        Assert.Equal(["r"], await Drain(red));
        Assert.Equal(["r", "g"], await Drain(colours));
    }
}
