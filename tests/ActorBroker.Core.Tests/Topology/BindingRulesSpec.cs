using ActorBroker.Core.Topology;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

public sealed class BindingRulesSpec
{
    private readonly TopologyBench _bench = new();

    [Fact]
    public void Binding_twice_is_binding_once()
    {
        _bench.Queue("q");
        Assert.Single(_bench.Bind("amq.direct", "q", "k"));
        Assert.Empty(_bench.Bind("amq.direct", "q", "k"));
        Assert.Single(_bench.Bind("amq.direct", "q", "k", arguments: ("a", 1)));
        Assert.Single(_bench.Bind("amq.direct", "q", "k", arguments: ("a", 1L)));
        Assert.Empty(_bench.Bind("amq.direct", "q", "k", arguments: ("a", 1)));
        Assert.Equal(3, _bench.State.BindingsFrom("/", "amq.direct").Count);

        Assert.Single(_bench.Unbind("amq.direct", "q", "k", arguments: ("a", 1)));
        Assert.Empty(_bench.Unbind("amq.direct", "q", "k", arguments: ("a", 1)));
        Assert.Equal(2, _bench.State.BindingsTo("/", DestinationKind.Queue, "q").Count);
    }

    [Fact]
    public void Missing_ends_are_refused_by_bind_and_ignored_by_unbind()
    {
        _bench.Queue("q");
        Refused("NOT_FOUND - no exchange 'nox' in vhost '/'", () => _bench.Bind("nox", "q"));
        Refused("NOT_FOUND - no queue 'noq' in vhost '/'", () => _bench.Bind("amq.direct", "noq"));
        Refused("NOT_FOUND - no exchange 'nox' in vhost '/'", () => _bench.Bind("nox", "noq"));
        Refused("NOT_FOUND - no exchange 'nod' in vhost '/'", () => _bench.BindExchange("amq.direct", "nod"));
        Refused("NOT_FOUND - no exchange 'nos' in vhost '/'", () => _bench.BindExchange("nos", "nod"));
        Refused(
            "NOT_FOUND - no queue 'noq' in vhost '/'",
            () => _bench.Bind("amq.headers", "noq", arguments: ("x-match", "foo")));
        Assert.Empty(_bench.Unbind("nox", "q"));
        Assert.Empty(_bench.Unbind("amq.direct", "noq"));
        Assert.Empty(_bench.UnbindExchange("amq.direct", "nod"));
    }

    [Fact]
    public void The_default_exchange_cannot_be_bound()
    {
        const string text = "ACCESS_REFUSED - operation not permitted on the default exchange";
        Refused(text, () => _bench.Bind("", "noq"));
        Refused(text, () => _bench.Unbind("", "noq"));
        Refused(text, () => _bench.BindExchange("amq.direct", ""));
        Refused(text, () => _bench.BindExchange("", "amq.direct"));
    }

    [Fact]
    public void Only_a_headers_exchange_looks_at_x_match()
    {
        _bench.Queue("q");
        Assert.Single(_bench.Bind("amq.direct", "q", arguments: ("x-match", "foo")));
        Assert.Single(_bench.Bind("amq.headers", "q", arguments: ("x-match", "any-with-x")));
        Refused(
            "PRECONDITION_FAILED - Invalid x-match field value <<\"foo\">>; "
            + "expected all, any, all-with-x, or any-with-x",
            () => _bench.Bind("amq.match", "q", arguments: ("x-match", "foo")));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_binding_is_durable_when_both_ends_are(bool exchange, bool queue)
    {
        _bench.Exchange("e", durable: exchange);
        _bench.Queue("q", durable: queue);
        Assert.Equal(exchange && queue, Assert.Single(_bench.Bind("e", "q")).Journaled);
        Assert.Equal(exchange && queue, Assert.Single(_bench.Unbind("e", "q")).Journaled);
    }

    [Fact]
    public void Mixed_durability_is_refused_when_that_is_asked_for()
    {
        var bench = new TopologyBench(strict: true);
        bench.Exchange("transient");
        bench.Queue("durable", durable: true);
        bench.Queue("q");
        Refused(
            "PRECONDITION_FAILED - cannot bind durable queue 'durable' in vhost '/' and non-durable exchange "
            + "'transient' in vhost '/': strict-durability-binding is on",
            () => bench.Bind("transient", "durable"));
        Refused(
            "PRECONDITION_FAILED - cannot bind durable exchange 'amq.direct' in vhost '/' and non-durable queue 'q' in "
            + "vhost '/': strict-durability-binding is on",
            () => bench.Bind("amq.direct", "q"));
        Assert.Single(bench.Bind("amq.direct", "durable"));
        Assert.Single(bench.Bind("transient", "q"));
    }

    [Fact]
    public void Auto_delete_exchanges_go_one_after_the_other_with_their_last_binding()
    {
        _bench.Exchange("a", autoDelete: true);
        _bench.Exchange("b", autoDelete: true);
        _bench.Exchange("c", autoDelete: true);
        _bench.Queue("q");
        _bench.BindExchange("a", "b");
        _bench.Bind("b", "q", "1");
        _bench.Bind("b", "q", "2");

        _bench.Unbind("b", "q", "1");
        Assert.NotNull(_bench.State.FindExchange("/", "b"));
        _bench.Unbind("b", "q", "2");
        Assert.Null(_bench.State.FindExchange("/", "b"));
        Assert.Null(_bench.State.FindExchange("/", "a"));
        Assert.NotNull(_bench.State.FindExchange("/", "c")); // never had one
    }

    [Fact]
    public void Auto_delete_exchanges_bound_in_a_circle_go_together()
    {
        _bench.Exchange("a", autoDelete: true);
        _bench.Exchange("b", autoDelete: true);
        _bench.Queue("q");
        _bench.BindExchange("a", "b");
        _bench.BindExchange("b", "a");
        _bench.BindExchange("a", "a");

        _bench.Do(_bench.State.DecideExchangeDelete("/", "b", ifUnused: false));
        Assert.Null(_bench.State.FindExchange("/", "b"));
        Assert.NotNull(_bench.State.FindExchange("/", "a")); // still bound to itself
        _bench.UnbindExchange("a", "a");
        Assert.Null(_bench.State.FindExchange("/", "a"));
    }
}
