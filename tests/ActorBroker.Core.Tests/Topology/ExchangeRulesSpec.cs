using ActorBroker.Amqp;
using ActorBroker.Core.Topology;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Every text here was answered by RabbitMQ 3.10, but for the unknown type (4.x).</summary>
public sealed class ExchangeRulesSpec
{
    private readonly TopologyBench _bench = new();

    [Fact]
    public void A_new_virtual_host_has_the_predeclared_exchanges()
    {
        Assert.Equal(
            ["", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.rabbitmq.trace", "amq.topic"],
            _bench.State.Exchanges("/").Select(e => e.Name).Order(StringComparer.Ordinal));
        Assert.All(_bench.State.Exchanges("/"), e => Assert.True(e.Durable));
        Assert.True(_bench.State.CheckExchange("/", "amq.rabbitmq.trace").Internal);
        Assert.Empty(_bench.Exchange("amq.direct", durable: true));
        Assert.Empty(_bench.State.DecideVirtualHostAdd("/"));
    }

    [Fact]
    public void An_equal_redeclaration_changes_nothing()
    {
        Assert.Single(_bench.Exchange("e", arguments: ("unknown", 1)));
        Assert.Empty(_bench.Exchange("e", arguments: ("unknown", 2)));
        Assert.Equal("e", _bench.State.CheckExchange("/", "e").Name);
    }

    [Fact]
    public void Another_declaration_is_refused_with_the_first_difference()
    {
        _bench.Exchange("e");
        const string start = "PRECONDITION_FAILED - inequivalent arg";
        const string where = "for exchange 'e' in vhost '/': received";
        Refused($"{start} 'type' {where} 'topic' but current is 'direct'", () => _bench.Exchange("e", "topic"));
        Refused($"{start} 'durable' {where} 'true' but current is 'false'", () => _bench.Exchange("e", durable: true));
        Refused(
            $"{start} 'auto_delete' {where} 'true' but current is 'false'",
            () => _bench.Exchange("e", autoDelete: true));
        Refused(
            $"{start} 'internal' {where} 'true' but current is 'false'",
            () => _bench.Exchange("e", isInternal: true));
        Refused(
            $"{start} 'durable' {where} 'true' but current is 'false'",
            () => _bench.Exchange("e", durable: true, autoDelete: true, isInternal: true));
        Refused(
            $"{start} 'alternate-exchange' {where} the value 'x' of type 'longstr' but current is none",
            () => _bench.Exchange("e", arguments: ("alternate-exchange", "x")));
        Refused(
            $"{start} 'alternate-exchange' {where} the value '5' of type 'signedint' but current is none",
            () => _bench.Exchange("e", arguments: ("alternate-exchange", 5)));
    }

    [Fact]
    public void The_alternate_exchange_is_compared_and_must_be_a_string()
    {
        Refused(
            "PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange 'e' in vhost '/'",
            () => _bench.Exchange("e", arguments: ("alternate-exchange", 5)));
        _bench.Exchange("e", arguments: ("alternate-exchange", "a"));
        Assert.Equal("a", _bench.State.FindExchange("/", "e")!.AlternateExchange);
        const string start =
            "PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange 'e' in vhost '/':";
        Refused(
            $"{start} received none but current is the value 'a' of type 'longstr'", () => _bench.Exchange("e"));
        Refused(
            $"{start} received 'b' but current is 'a'",
            () => _bench.Exchange("e", arguments: ("alternate-exchange", "b")));
    }

    [Fact]
    public void Reserved_default_and_unknown_are_refused_in_RabbitMQs_order()
    {
        const string defaultRefused = "ACCESS_REFUSED - operation not permitted on the default exchange";
        Refused("PRECONDITION_FAILED - unknown exchange type 'nope'", () => _bench.Exchange("amq.foo", "nope"));
        Refused("PRECONDITION_FAILED - unknown exchange type 'nope'", () => _bench.Exchange("", "nope"));
        Refused(
            "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'",
            () => _bench.Exchange("amq.foo"));
        Refused(
            "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': "
            + "received 'topic' but current is 'direct'",
            () => _bench.Exchange("amq.direct", "topic", durable: true));
        Refused(defaultRefused, () => _bench.Exchange("", durable: true));
        Refused(defaultRefused, () => _bench.State.CheckExchange("/", ""));
        Refused(defaultRefused, () => _bench.State.DecideExchangeDelete("/", "", false));
        Refused("NOT_FOUND - no exchange 'amq.none' in vhost '/'", () => _bench.State.CheckExchange("/", "amq.none"));
        Refused(
            "ACCESS_REFUSED - deletion of system exchange 'amq.nope' in vhost '/' not allowed",
            () => _bench.State.DecideExchangeDelete("/", "amq.nope", false));
    }

    [Fact]
    public void Only_bindings_that_start_at_an_exchange_use_it()
    {
        _bench.Queue("q");
        _bench.Exchange("e");
        _bench.BindExchange("amq.direct", "e");
        Assert.Contains(
            _bench.State.DecideExchangeDelete("/", "e", ifUnused: true), e => e is TopologyEvents.ExchangeDeleted);
        _bench.Bind("e", "q");
        Refused(
            "PRECONDITION_FAILED - exchange 'e' in vhost '/' in use",
            () => _bench.State.DecideExchangeDelete("/", "e", ifUnused: true));

        _bench.Do(_bench.State.DecideExchangeDelete("/", "e", ifUnused: false));
        Assert.Empty(_bench.State.BindingsTo("/", DestinationKind.Queue, "q"));
        Assert.Empty(_bench.State.BindingsFrom("/", "amq.direct"));
        Assert.Empty(_bench.State.DecideExchangeDelete("/", "e", ifUnused: true));
    }

    [Fact]
    public void Line_breaks_in_names_are_dropped()
    {
        _bench.Exchange("e\r\n");
        Assert.Equal("e", _bench.State.CheckExchange("/", "\re").Name);
    }

    [Fact]
    public void An_unknown_virtual_host_closes_the_connection()
    {
        var refusal = Assert.Throws<ConnectionException>(() => _bench.State.CheckExchange("nope", "e"));
        Assert.Equal("NOT_ALLOWED - vhost nope not found", refusal.ReplyText);
    }
}
