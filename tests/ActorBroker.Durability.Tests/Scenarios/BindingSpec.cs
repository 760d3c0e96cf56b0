using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>What is routed where after a restart, with nobody binding again.</summary>
public sealed class BindingSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task SD_36_A_binding_between_durable_ends_routes_after_a_restart(Ending how)
    {
        var exchange = await Exchange("direct");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "k");

        await Restart(how);

        await Publish(exchange, "k", "m");
        await Publish(exchange, "other", "not for it");
        Assert.Equal(["m"], await Bodies(queue));
    }

    [Fact]
    public async Task An_exchange_stays_bound_to_an_exchange()
    {
        var source = await Exchange("topic", "source");
        var target = await Exchange("fanout", "target");
        var queue = await Queue();
        await Channel.ExchangeBindAsync(target, source, "orders.#");
        await Channel.QueueBindAsync(queue, target, "");

        await Restart(Ending.Kill);

        await Publish(source, "orders.eu.new", "m");
        await Publish(source, "invoices.eu", "not for it");
        Assert.Equal(["m"], await Bodies(queue));
    }

    [Fact]
    public async Task A_binding_of_a_headers_exchange_keeps_its_arguments()
    {
        var exchange = await Exchange("headers");
        var (all, any) = (await Queue("all"), await Queue("any"));
        await Channel.QueueBindAsync(all, exchange, "", Table(("x-match", "all"), ("colour", "red"), ("weight", 10)));
        await Channel.QueueBindAsync(any, exchange, "", Table(("x-match", "any"), ("colour", "red"), ("weight", 10)));

        await Restart(Ending.Kill);

        await Publish(exchange, "", "both", Persistent(("colour", "red"), ("weight", 10)));
        await Publish(exchange, "", "one", Persistent(("colour", "red"), ("weight", 11)));
        await Publish(exchange, "", "none", Persistent(("colour", "blue")));
        Assert.Equal(["both"], await Bodies(all));
        Assert.Equal(["both", "one"], await Bodies(any));
    }

    [Fact]
    public async Task A_removed_binding_does_not_return_and_its_neighbour_stays()
    {
        var exchange = await Exchange("direct");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "removed");
        await Channel.QueueBindAsync(queue, exchange, "kept");
        await Channel.QueueUnbindAsync(queue, exchange, "removed");

        await Restart(Ending.Kill);

        await Publish(exchange, "removed", "not for it");
        await Publish(exchange, "kept", "m");
        Assert.Equal(["m"], await Bodies(queue));
    }

    [Fact]
    public async Task Bindings_of_a_deleted_queue_do_not_return_to_its_successor()
    {
        var exchange = await Exchange("fanout");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "");
        await Channel.QueueDeleteAsync(queue);
        await Declare(queue);

        await Restart(Ending.Kill);

        await Publish(exchange, "", "not for it");
        Assert.Equal(0u, await Depth(queue));
    }

    [Fact]
    public async Task An_alternate_exchange_still_takes_what_nobody_wants()
    {
        var alternate = await Exchange("fanout", "alternate");
        var exchange = await Exchange("direct", "x", ("alternate-exchange", alternate));
        var (queue, rest) = (await Queue("wanted"), await Queue("rest"));
        await Channel.QueueBindAsync(queue, exchange, "k");
        await Channel.QueueBindAsync(rest, alternate, "");

        await Restart(Ending.Kill);

        await Publish(exchange, "k", "wanted");
        await Publish(exchange, "nobody", "unwanted");
        Assert.Equal(["wanted"], await Bodies(queue));
        Assert.Equal(["unwanted"], await Bodies(rest));
    }

    [Fact]
    public async Task One_publication_to_several_durable_queues_is_in_each_of_them()
    {
        var exchange = await Exchange("fanout");
        string[] queues = [await Queue("mail"), await Queue("sms"), await Queue("log"), await Queue("audit")];
        foreach (var queue in queues)
        {
            await Channel.QueueBindAsync(queue, exchange, "");
        }

        var body = new byte[100_000];
        new Random(1).NextBytes(body);
        await Publish(exchange, "", body);
        await Channel.QueuePurgeAsync(queues[1]);
        var first = (await Get(queues[0], autoAck: true))!;
        Assert.Equal(body, first.Bytes);

        // A settlement is written with the next batch at the latest.
        await Publish(exchange, "", "second");
        await Restart(Ending.Kill);

        Assert.Equal(["second"], await Bodies(queues[1]));
        foreach (var queue in queues[2..])
        {
            var both = await Drain(queue);
            Assert.Equal(2, both.Count);
            Assert.Equal(body, both[0].Bytes);
            Assert.Equal("second", both[1].Body);
        }
    }
}
