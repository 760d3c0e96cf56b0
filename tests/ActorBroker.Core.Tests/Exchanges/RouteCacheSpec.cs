using System.Text;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Exchanges;

public sealed class RouteCacheSpec
{
    private readonly RoutingBench _bench = new();
    private readonly RouteCache _cache = new();

    [Fact]
    public void Remembers_where_a_key_leads_until_the_topology_changes()
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

    private string[] Route(ExchangeAddress exchange, string key, params (string, object?)[] headers)
    {
        var encoded = RoutingBench.Table(headers).Encoded;
        var input = new RoutingInput(Encoding.UTF8.GetBytes(key), encoded, CarbonCopies.Parse(encoded));
        return RoutingBench.Names(_cache.Route(exchange, input, _bench));
    }
}
