using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Exchanges bound to exchanges, alternate exchanges, and the CC and BCC headers.</summary>
public abstract class ExchangeFeaturesSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_message_travels_from_exchange_to_exchange()
    {
        var source = await Exchange("topic", "source");
        var middle = await Exchange("fanout", "middle");
        var target = await Exchange("direct", "target");
        await Channel.ExchangeBindAsync(middle, source, "a.*");
        await Channel.ExchangeBindAsync(target, middle, "");
        var queue = await BoundQueue(target, "q", "a.b");

        await Publish(source, "a.b", "through");
        await Publish(source, "a.c", "stopped at the last");
        await Publish(source, "b.b", "stopped at the first");

        var delivery = Assert.Single(await DrainDeliveries(queue));
        Assert.Equal(("through", source), (delivery.Body, delivery.Exchange));
    }

    [ConformanceFact]
    public async Task Exchanges_bound_in_a_circle_deliver_once()
    {
        var one = await Exchange("fanout", "one");
        var two = await Exchange("fanout", "two");
        await Channel.ExchangeBindAsync(two, one, "");
        await Channel.ExchangeBindAsync(one, two, "");
        await Channel.ExchangeBindAsync(one, one, "");
        var both = await BoundQueue(one, "q", "");
        await Channel.QueueBindAsync(both, two, "");

        await Publish(one, "", "m");

        Assert.Equal(["m"], await Drain(both));
    }

    [ConformanceFact]
    public async Task Unbinding_two_exchanges_separates_them()
    {
        var source = await Exchange("fanout", "source");
        var target = await Exchange("fanout", "target");
        var queue = await BoundQueue(target, "q", "");
        await Channel.ExchangeBindAsync(target, source, "");
        await Publish(source, "", "bound");

        await Channel.ExchangeUnbindAsync(target, source, "");
        await Publish(source, "", "unbound");

        Assert.Equal(["bound"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task Deleting_an_exchange_removes_it_from_the_middle()
    {
        var source = await Exchange("fanout", "source");
        var middle = await Exchange("fanout", "middle");
        await Channel.ExchangeBindAsync(middle, source, "");
        var queue = await BoundQueue(middle, "q", "");

        await Channel.ExchangeDeleteAsync(middle);
        await Publish(source, "", "m");

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task An_auto_delete_exchange_goes_with_its_last_binding()
    {
        var exchange = Name("x");
        await Channel.ExchangeDeclareAsync(exchange, "fanout", durable: false, autoDelete: true);
        var one = await BoundQueue(exchange, "one", "");
        var two = await BoundQueue(exchange, "two", "");

        await Channel.QueueUnbindAsync(one, exchange, "");
        await Channel.ExchangeDeclarePassiveAsync(exchange);
        await Channel.QueueDeleteAsync(two, false, false);

        await ClosesChannel(
            404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'", c => c.ExchangeDeclarePassiveAsync(exchange));
    }

    [ConformanceFact]
    public async Task What_nobody_wants_goes_to_the_alternate_exchange()
    {
        var alternate = await Exchange("fanout", "alternate");
        var main = await Exchange("direct", "main", ("alternate-exchange", alternate));
        var wanted = await BoundQueue(main, "wanted", "k");
        var rest = await BoundQueue(alternate, "rest", "");

        await Publish(main, "k", "wanted");
        await Publish(main, "other", "unwanted");

        Assert.Equal(["wanted"], await Drain(wanted));
        var delivery = Assert.Single(await DrainDeliveries(rest));
        Assert.Equal(("unwanted", main, "other"), (delivery.Body, delivery.Exchange, delivery.RoutingKey));
    }

    [ConformanceFact]
    public async Task A_mandatory_message_is_returned_only_if_the_alternate_has_no_queue_either()
    {
        var alternate = await Exchange("direct", "alternate");
        var main = await Exchange("direct", "main", ("alternate-exchange", alternate));
        await BoundQueue(alternate, "q", "known");
        var publisher = await Publisher();

        Assert.True(await publisher.Publish(main, "known", "1", mandatory: true));
        Assert.Empty(publisher.Returns);
        Assert.True(await publisher.Publish(main, "unknown", "2", mandatory: true));

        Assert.Equal(new ReturnedMessage(main, "unknown", "2"), Assert.Single(publisher.Returns));
    }

    [ConformanceFact]
    public async Task Alternate_exchanges_in_a_circle_end()
    {
        var (one, two) = (Name("one"), Name("two"));
        await Channel.ExchangeDeclareAsync(one, "direct", false, false, Table(("alternate-exchange", two)));
        await Channel.ExchangeDeclareAsync(two, "direct", false, false, Table(("alternate-exchange", one)));
        var publisher = await Publisher();

        Assert.True(await publisher.Publish(one, "k", "m", mandatory: true));

        Assert.Equal(["return 312 NO_ROUTE", "ack"], publisher.Log);
    }

    [ConformanceFact]
    public async Task A_missing_alternate_exchange_is_no_error()
    {
        var main = await Exchange("direct", "main", ("alternate-exchange", Name("nope")));

        await Publish(main, "k", "m");

        Assert.True(Channel.IsOpen);
    }

    [ConformanceFact]
    public async Task Copies_go_to_the_keys_in_CC_and_BCC()
    {
        var exchange = await Exchange("direct");
        var to = await BoundQueue(exchange, "to", "to");
        var cc = await BoundQueue(exchange, "cc", "cc1", "cc2");
        var bcc = await BoundQueue(exchange, "bcc", "bcc");

        await Publish(
            exchange,
            "to",
            "m",
            Headers(
                ("CC", new List<object?> { "cc1", "cc2" }), ("BCC", new List<object?> { "bcc" }), ("other", "stays")));

        foreach (var queue in new[] { to, cc, bcc })
        {
            var delivery = Assert.Single(await DrainDeliveries(queue));
            var headers = delivery.Properties.Headers!;
            Assert.Equal(["CC", "other"], headers.Keys.Order());
            Assert.Equal(["cc1", "cc2"], ((List<object?>)headers["CC"]!).Select(Delivery.Text));
            Assert.Equal("to", delivery.RoutingKey);
        }
    }

    [ConformanceFact]
    public async Task CC_works_on_the_default_exchange_and_never_doubles()
    {
        var one = await Queue("one");
        var two = await Queue("two");

        await Publish("", one, "m", Headers(("CC", new List<object?> { one, two, two })));

        Assert.Equal(["m"], await Drain(one));
        Assert.Equal(["m"], await Drain(two));
    }

    [ConformanceFact]
    public Task CC_has_to_be_a_list() => ClosesChannel(
        406,
        "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"CC\",longstr}",
        c => c.BasicPublishAsync("amq.direct", "k", false, Headers(("CC", "one")), "m"u8.ToArray()).AsTask());
}
