using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>What the methods of class exchange (40) refuse.</summary>
public abstract class ExchangeErrorsSpec(Broker broker) : ConformanceSpec(broker)
{
    private const string DefaultExchange = "ACCESS_REFUSED - operation not permitted on the default exchange";

    [ConformanceTheory]
    [InlineData("type", "fanout", "direct", "fanout", false, false)]
    [InlineData("durable", "true", "false", "direct", true, false)]
    [InlineData("auto_delete", "true", "false", "direct", false, true)]
    public async Task Redeclaring_an_exchange_with_another_property_is_inequivalent(
        string property, string received, string current, string type, bool durable, bool autoDelete)
    {
        var exchange = await Exchange("direct");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg '{property}' for exchange '{exchange}' in vhost '/': "
            + $"received '{received}' but current is '{current}'",
            c => c.ExchangeDeclareAsync(exchange, type, durable, autoDelete));
    }

    [ConformanceFact]
    public async Task Redeclaring_an_exchange_with_another_alternate_is_inequivalent()
    {
        var exchange = await Exchange("direct", "x", ("alternate-exchange", "amq.fanout"));

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange '{exchange}' in vhost '/': "
            + "received 'amq.direct' but current is 'amq.fanout'",
            c => c.ExchangeDeclareAsync(
                exchange, "direct", false, false, Table(("alternate-exchange", "amq.direct"))));
    }

    [ConformanceFact]
    public async Task Redeclaring_an_exchange_just_the_same_is_fine()
    {
        var exchange = await Exchange("topic", "x", ("alternate-exchange", "amq.fanout"), ("x-note", "one"));

        await Channel.ExchangeDeclareAsync(
            exchange, "topic", false, false, Table(("alternate-exchange", "amq.fanout"), ("x-note", "two")));
    }

    [ConformanceFact]
    public async Task Passive_declare_of_an_exchange_looks_only_at_the_name()
    {
        var exchange = await Exchange("direct");

        await Channel.ExchangeDeclareAsync(exchange, "fanout", durable: true, autoDelete: true, passive: true);
    }

    [ConformanceFact]
    public async Task Passive_declare_of_a_missing_exchange_is_not_found()
    {
        var exchange = Name("nope");

        await ClosesChannel(
            404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'", c => c.ExchangeDeclarePassiveAsync(exchange));
    }

    [ConformanceFact]
    public Task An_unknown_exchange_type_is_refused() => Refuses(
        Differences.UnknownExchangeType.For(Kind),
        c => c.ExchangeDeclareAsync(Name("x"), Differences.UnknownType, false, false));

    [ConformanceFact]
    public Task Exchange_names_with_the_reserved_prefix_are_refused() => ClosesChannel(
        403,
        "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
        c => c.ExchangeDeclareAsync("amq.mine", "direct", false, false));

    [ConformanceTheory]
    [InlineData("amq.direct")]
    [InlineData("amq.fanout")]
    [InlineData("amq.topic")]
    [InlineData("amq.headers")]
    [InlineData("amq.match")]
    public Task Predeclared_exchanges_cannot_be_deleted(string exchange) => ClosesChannel(
        403,
        $"ACCESS_REFUSED - deletion of system exchange '{exchange}' in vhost '/' not allowed",
        c => c.ExchangeDeleteAsync(exchange));

    [ConformanceFact]
    public Task The_default_exchange_cannot_be_declared() =>
        ClosesChannel(403, DefaultExchange, c => c.ExchangeDeclareAsync("", "direct", true, false));

    [ConformanceFact]
    public Task The_default_exchange_cannot_be_deleted() =>
        ClosesChannel(403, DefaultExchange, c => c.ExchangeDeleteAsync(""));

    [ConformanceFact]
    public async Task Queues_cannot_be_bound_to_the_default_exchange()
    {
        var queue = await Queue();

        await ClosesChannel(403, DefaultExchange, c => c.QueueBindAsync(queue, "", "k"));
    }

    [ConformanceFact]
    public async Task Queues_cannot_be_unbound_from_the_default_exchange()
    {
        var queue = await Queue();

        await ClosesChannel(403, DefaultExchange, c => c.QueueUnbindAsync(queue, "", queue));
    }

    [ConformanceFact]
    public async Task Exchanges_cannot_be_bound_to_the_default_exchange()
    {
        var exchange = await Exchange("direct");

        await ClosesChannel(403, DefaultExchange, c => c.ExchangeBindAsync(exchange, "", "k"));
    }

    [ConformanceFact]
    public async Task Deleting_a_used_exchange_if_unused_is_refused()
    {
        var exchange = await Exchange("fanout");
        await BoundQueue(exchange, "q", "");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - exchange '{exchange}' in vhost '/' in use",
            c => c.ExchangeDeleteAsync(exchange, ifUnused: true));
    }

    [ConformanceFact]
    public async Task Deleting_an_unused_exchange_if_unused_works()
    {
        var exchange = await Exchange("fanout");

        await Channel.ExchangeDeleteAsync(exchange, ifUnused: true);

        await ClosesChannel(
            404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'", c => c.ExchangeDeclarePassiveAsync(exchange));
    }

    [ConformanceFact]
    public Task Deleting_a_missing_exchange_is_fine() => Channel.ExchangeDeleteAsync(Name("nope"));

    [ConformanceFact]
    public async Task Binding_from_a_missing_exchange_is_not_found()
    {
        var exchange = await Exchange("fanout");
        var missing = Name("nope");

        await ClosesChannel(
            404,
            $"NOT_FOUND - no exchange '{missing}' in vhost '/'",
            c => c.ExchangeBindAsync(exchange, missing, "k"));
    }
}
