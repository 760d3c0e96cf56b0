using System.Text;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Exchanges;

public sealed class RouteCacheSpec
{
    private readonly RoutingBench _bench = new();
    private readonly RouteCache _cache = new();

    [Fact]
    public void Remembers_where_a_key_leads_until_a_binding_of_its_exchange_changes()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Direct);
        _bench.Bind(exchange, "a", _bench.Queue("q1"));
        Assert.Equal(["q1"], Route(exchange, "a"));
        Assert.Empty(Route(exchange, "b"));
        Assert.Equal(2, _cache.Count);

        // Changed behind the cache's back: it must not look.
        exchange.Table.Add("a", Amqp.Types.FieldTable.Empty, _bench.Queue("q1"));
        exchange.Table.Remove("a", Amqp.Types.FieldTable.Empty, _bench.Queue("q1"));
        exchange.Table.Remove("a", Amqp.Types.FieldTable.Empty, _bench.Queue("q1"));
        Assert.Equal(["q1"], Route(exchange, "a"));

        _bench.Bind(exchange, "b", _bench.Queue("q2"));
        Assert.Empty(Route(exchange, "a"));
        Assert.Equal(["q2"], Route(exchange, "b"));
    }

    [Theory]
    [InlineData("a queue is declared, and deleted")]
    [InlineData("an exchange is declared, and deleted")]
    [InlineData("a queue is bound to another exchange, and unbound")]
    [InlineData("a queue of another exchange is deleted")]
    [InlineData("rights change")]
    public void Stays_as_it_is_when(string somethingElseHappens)
    {
        var alternate = _bench.Exchange("ae", ExchangeType.Fanout);
        var (start, other) = (_bench.Exchange("e", ExchangeType.Direct, alternate: "ae"), _bench.Exchange("other", ExchangeType.Direct));
        var byName = _bench.Exchange("", ExchangeType.Direct);
        _bench.Bind(start, "a", _bench.Queue("q1"));
        _bench.Bind(alternate, "", _bench.Queue("q2"));
        _bench.Bind(other, "a", _bench.Queue("q3"));
        RouteAll();
        var walks = _cache.Walks;
        switch (somethingElseHappens)
        {
            case "a queue is declared, and deleted":
                _bench.Delete(_bench.Queue("new"));
                break;
            case "an exchange is declared, and deleted":
                _bench.Delete(_bench.Exchange("new", ExchangeType.Topic));
                break;
            case "a queue is bound to another exchange, and unbound":
                _bench.Bind(other, "b", _bench.Queue("q1"));
                _bench.Unbind(other, "b", _bench.Queue("q1"));
                break;
            case "a queue of another exchange is deleted":
                _bench.Delete(_bench.Queue("q3"));
                break;
            default:
                _bench.RightsVersion++;
                break;
        }

        RouteAll();
        Assert.Equal(3, walks);
        Assert.Equal(walks, _cache.Walks);

        void RouteAll()
        {
            Assert.Equal(["q1"], Route(start, "a"));
            Assert.Equal(["q2"], Route(start, "b"));
            Assert.Equal(["q1"], Route(byName, "q1"));
        }
    }

    [Fact]
    public void A_name_that_leads_nowhere_is_asked_for_each_time()
    {
        var byName = _bench.Exchange("", ExchangeType.Direct);
        var start = _bench.Exchange("e", ExchangeType.Direct, alternate: "ae");
        Assert.Empty(Route(byName, "q"));
        Assert.Empty(Route(start, "k"));

        _bench.Bind(_bench.Exchange("ae", ExchangeType.Fanout), "", _bench.Queue("q"));
        Assert.Equal(["q"], Route(byName, "q"));
        Assert.Equal(["q"], Route(start, "k"));
        _bench.Delete(_bench.Queue("q"));
        _bench.Bind(start, "k", _bench.Queue("q"));
        Assert.Same(_bench.Queue("q"), _cache.Route(byName, new RoutingInput("q"u8), _bench)[0]);
        Assert.Equal(["q"], Route(start, "k"));
    }

    [Fact]
    public void An_alternate_exchange_that_is_replaced_while_the_walk_looks_at_it_is_looked_at_again()
    {
        var start = _bench.Exchange("e", ExchangeType.Direct, alternate: "ae");
        var alternate = _bench.Exchange("ae", ExchangeType.Fanout);
        _bench.AfterFindExchange = () =>
        {
            _bench.Delete(alternate);
            _bench.Bind(_bench.Exchange("ae", ExchangeType.Fanout), "", _bench.Queue("q"));
        };
        Assert.Empty(Route(start, "k"));
        Assert.Equal(["q"], Route(start, "k"));
    }

    [Fact]
    public void Lets_go_of_what_is_deleted()
    {
        var (start, other) = (_bench.Exchange("e", ExchangeType.Direct), _bench.Exchange("other", ExchangeType.Fanout));
        var next = _bench.Exchange("next", ExchangeType.Topic);
        _bench.Bind(start, "behind", next);
        for (var i = 0; i < RouteCache.SweepAfter; i++)
        {
            _bench.Bind(start, $"k{i}", _bench.Queue($"q{i}"));
            _bench.Bind(next, "#", _bench.Queue($"q{i}"));
            Assert.Equal([$"q{i}"], Route(start, $"k{i}"));
        }

        Assert.Equal(RouteCache.SweepAfter, Route(start, "behind").Length);
        Assert.Empty(Route(other, "k"));
        var before = _cache.Count;
        for (var i = 0; i < RouteCache.SweepAfter; i++)
        {
            Assert.Empty(Route(other, "k"));
            Assert.Equal(before, _cache.Count);
            _bench.Delete(_bench.Queue($"q{i}"));
        }

        Assert.Empty(Route(other, "k"));
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void Lets_go_of_what_changed_behind_the_first_exchange()
    {
        var (start, next) = (_bench.Exchange("e", ExchangeType.Direct), _bench.Exchange("next", ExchangeType.Fanout));
        _bench.Bind(start, "behind", next);
        _bench.Bind(start, "here", _bench.Queue("stays"));
        _bench.Bind(next, "", _bench.Queue("goes"));
        Assert.Equal(["goes"], Route(start, "behind"));
        Assert.Equal(["stays"], Route(start, "here"));
        _bench.Delete(_bench.Queue("goes"));
        for (var i = 0; i < RouteCache.SweepAfter; i++)
        {
            _bench.Delete(_bench.Queue("another"));
        }

        Assert.Equal(["stays"], Route(start, "here"));
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void Keeps_exchanges_apart()
    {
        var first = _bench.Exchange("e1", ExchangeType.Direct);
        var second = _bench.Exchange("e2", ExchangeType.Fanout);
        _bench.Bind(first, "a", _bench.Queue("q1"));
        _bench.Bind(second, "", _bench.Queue("q2"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(["q1"], Route(first, "a"));
            Assert.Equal(["q2"], Route(second, "a"));
        }

        Assert.Equal(2, _cache.Count);
    }

    [Fact]
    public void Does_not_remember_what_headers_decide()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Topic);
        var byHeaders = _bench.Exchange("h", ExchangeType.Headers);
        _bench.Bind(exchange, "#", byHeaders);
        _bench.Bind(byHeaders, "", _bench.Queue("q1"), RoutingBench.Table(("a", 1)));
        _bench.Bind(byHeaders, "", _bench.Queue("q2"), RoutingBench.Table(("a", 2)));

        Assert.Equal(["q1"], Route(exchange, "k", ("a", 1)));
        Assert.Equal(["q2"], Route(exchange, "k", ("a", 2)));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void Does_not_remember_messages_with_further_keys()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Direct);
        _bench.Bind(exchange, "a", _bench.Queue("q1"));
        _bench.Bind(exchange, "b", _bench.Queue("q2"));

        Assert.Equal(["q1", "q2"], Route(exchange, "a", ("CC", new object?[] { "b" })));
        Assert.Equal(["q1"], Route(exchange, "a"));
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void Stays_within_its_capacity()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Topic);
        _bench.Bind(exchange, "#", _bench.Queue("q"));
        for (var i = 0; i < RouteCache.Capacity + 10; i++)
        {
            Assert.Equal(["q"], Route(exchange, $"k{i}"));
            Assert.InRange(_cache.Count, 1, RouteCache.Capacity);
        }

        Assert.Equal(["q"], Route(exchange, "k1"));
    }

    [Fact]
    public void Counts_a_route_once_however_often_it_changes()
    {
        var (start, next) = (_bench.Exchange("e", ExchangeType.Direct), _bench.Exchange("next", ExchangeType.Fanout));
        _bench.Bind(start, "k", next);
        for (var i = 0; i < 20; i++)
        {
            _bench.Bind(next, "", _bench.Queue($"q{i}"));
            Assert.Equal(i + 1, Route(start, "k").Length);
        }

        Assert.Equal(1 + (21 / 8), _cache.Count);
    }

    private string[] Route(ExchangeAddress exchange, string key, params (string, object?)[] headers)
    {
        var encoded = RoutingBench.Table(headers).Encoded;
        var input = new RoutingInput(Encoding.UTF8.GetBytes(key), encoded, CarbonCopies.Parse(encoded));
        return RoutingBench.Names(_cache.Route(exchange, input, _bench));
    }
}
