using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using CsCheck;

namespace ActorBroker.Core.Tests.Exchanges;

public sealed class RouterSpec
{
    private readonly RoutingBench _bench = new();

    [Fact]
    public void The_default_exchange_routes_by_queue_name()
    {
        var exchange = _bench.Exchange("", ExchangeType.Direct);
        _bench.Queue("q");
        Assert.Equal(["q"], _bench.Route(exchange, "q"));
        Assert.Empty(_bench.Route(exchange, "nope"));
    }

    [Fact]
    public void A_direct_exchange_compares_bytes()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Direct);
        _bench.Bind(exchange, "a", _bench.Queue("q1"));
        _bench.Bind(exchange, "a", _bench.Queue("q2"));
        _bench.Bind(exchange, "A", _bench.Queue("q3"));
        _bench.Bind(exchange, "", _bench.Queue("q4"));

        Assert.Equal(["q1", "q2"], _bench.Route(exchange, "a"));
        Assert.Equal(["q3"], _bench.Route(exchange, "A"));
        Assert.Equal(["q4"], _bench.Route(exchange, ""));
        Assert.Empty(_bench.Route(exchange, "aa"));
    }

    [Fact]
    public void A_fanout_exchange_gives_one_copy_to_a_queue_bound_twice()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Fanout);
        _bench.Bind(exchange, "a", _bench.Queue("q1"));
        _bench.Bind(exchange, "b", _bench.Queue("q1"));
        _bench.Bind(exchange, "", _bench.Queue("q2"));
        Assert.Equal(["q1", "q2"], _bench.Route(exchange, "x"));

        _bench.Unbind(exchange, "a", _bench.Queue("q1"));
        Assert.Equal(["q1", "q2"], _bench.Route(exchange, "x"));
        _bench.Unbind(exchange, "b", _bench.Queue("q1"));
        Assert.Equal(["q2"], _bench.Route(exchange, "x"));
    }

    [Fact]
    public void A_cycle_of_exchanges_ends_and_gives_one_copy()
    {
        var a = _bench.Exchange("a", ExchangeType.Fanout);
        var b = _bench.Exchange("b", ExchangeType.Fanout);
        _bench.Bind(a, "", b);
        _bench.Bind(b, "", a);
        _bench.Bind(b, "", b);
        _bench.Bind(a, "", _bench.Queue("q1"));
        _bench.Bind(b, "", _bench.Queue("q1"));
        _bench.Bind(b, "", _bench.Queue("q2"));

        Assert.Equal(["q1", "q2"], _bench.Route(a, ""));
        Assert.Equal(["q1", "q2"], _bench.Route(b, ""));
    }

    [Fact]
    public void What_is_not_routed_goes_to_the_alternate_exchange_of_each_exchange_on_the_way()
    {
        var start = _bench.Exchange("start", ExchangeType.Direct, alternate: "ae1");
        var next = _bench.Exchange("next", ExchangeType.Direct, alternate: "ae2");
        var first = _bench.Exchange("ae1", ExchangeType.Fanout);
        var second = _bench.Exchange("ae2", ExchangeType.Fanout);
        _bench.Bind(first, "", _bench.Queue("q1"));
        _bench.Bind(second, "", _bench.Queue("q2"));
        _bench.Bind(start, "k", next);
        _bench.Bind(next, "other", _bench.Queue("q3"));

        Assert.Equal(["q1"], _bench.Route(start, "x"));
        Assert.Equal(["q2"], _bench.Route(start, "k")); // start did match a binding
    }

    [Fact]
    public void An_alternate_exchange_that_is_missing_or_leads_in_a_circle_is_passed_over()
    {
        Assert.Empty(_bench.Route(_bench.Exchange("a", ExchangeType.Direct, alternate: "nope"), "k"));
        Assert.Empty(_bench.Route(_bench.Exchange("b", ExchangeType.Direct, alternate: "b"), "k"));
        var c = _bench.Exchange("c", ExchangeType.Direct, alternate: "d");
        _bench.Exchange("d", ExchangeType.Direct, alternate: "c");
        Assert.Empty(_bench.Route(c, "k"));
    }

    [Fact]
    public void CC_and_BCC_are_routing_keys_like_the_first()
    {
        var exchange = _bench.Exchange("e", ExchangeType.Direct);
        foreach (var key in "abcd")
        {
            _bench.Bind(exchange, key.ToString(), _bench.Queue($"q{key}"));
        }

        var headers = RoutingBench.Table(
            ("CC", new object?[] { "b", 5, "a" }), ("BCC", new object?[] { "c" }), ("cc", new object?[] { "d" }));
        Assert.Equal(["qa", "qb", "qc"], _bench.Route(exchange, "a", headers));
        Assert.Equal(["qb"], _bench.Route(exchange, "", RoutingBench.Table(("CC", new object?[] { "b" }))));
        Assert.True(CarbonCopies.Parse(headers.Encoded).HasBcc);
        Assert.False(CarbonCopies.Parse(default).HasBcc);
    }

    [Theory]
    [InlineData("CC", "longstr", "x")]
    [InlineData("BCC", "signedint", 5)]
    [InlineData("CC", "void", null)]
    public void Refuses_CC_and_BCC_that_are_no_arrays(string name, string type, object? value)
    {
        var headers = RoutingBench.Table((name, value));
        var refusal = Assert.Throws<ChannelException>(() => CarbonCopies.Parse(headers.Encoded).IsEmpty);
        Assert.Equal(
            $"PRECONDITION_FAILED - invalid message: {{unacceptable_type_in_header,\"{name}\",{type}}}",
            refusal.ReplyText);
    }

    [Theory]
    [InlineData(ExchangeType.Direct)]
    [InlineData(ExchangeType.Topic)]
    [InlineData(ExchangeType.Fanout)]
    public void Routes_by_any_of_10_000_bindings(object each)
    {
        var type = (ExchangeType)each; // no public type: xunit wants public parameters
        var exchange = _bench.Exchange("e", type);
        for (var i = 0; i < 10_000; i++)
        {
            _bench.Bind(exchange, $"key.{i}", _bench.Queue($"q{i}"));
        }

        if (type == ExchangeType.Fanout)
        {
            Assert.Equal(10_000, _bench.Route(exchange, "").Length);
        }
        else
        {
            Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal([$"q{i}"], _bench.Route(exchange, $"key.{i}")));
        }

        for (var i = 1; i < 10_000; i++)
        {
            _bench.Unbind(exchange, $"key.{i}", _bench.Queue($"q{i}"));
        }

        Assert.Equal(["q0"], _bench.Route(exchange, "key.0"));
    }

    [Fact]
    public void Law_each_queue_that_can_be_reached_gets_one_copy() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 25]).List[0, 60].Sample(links =>
        {
            var bench = new RoutingBench();
            var exchanges = Enumerable.Range(0, 6).Select(i => bench.Exchange($"e{i}", ExchangeType.Fanout)).ToArray();
            foreach (var (from, to) in links.Distinct())
            {
                bench.Bind(exchanges[from], "", to < 6 ? exchanges[to] : bench.Queue($"q{to}"));
            }

            var reached = new HashSet<int> { 0 };
            while (links.Where(l => reached.Contains(l.Item1) && l.Item2 < 6).Any(l => reached.Add(l.Item2)))
            {
            }

            var expected = links.Where(l => reached.Contains(l.Item1) && l.Item2 >= 6)
                .Select(l => $"q{l.Item2}").Distinct().Order(StringComparer.Ordinal);
            Assert.Equal(expected, bench.Route(exchanges[0], ""));
        });

    [Fact]
    public void A_reader_never_misses_a_binding_that_is_there_all_the_time()
    {
        var steady = _bench.Queue("steady");
        var others = Enumerable.Range(0, 40).Select(i => _bench.Queue($"q{i}")).ToArray();
        var key = Encoding.UTF8.GetBytes("k");
        var current = new ExchangeAddress("/", "e", ExchangeType.Topic);
        _bench.Bind(current, "k", steady);
        using var stop = new CancellationTokenSource();
        var missed = 0;
        var reads = 0;
        var reader = new Thread(() =>
        {
            var result = new RouteResult();
            while (!stop.IsCancellationRequested)
            {
                Router.Route(Volatile.Read(ref current), new RoutingInput(key), _bench, result);
                missed += result.Queues.Contains(steady) ? 0 : 1;
                Volatile.Write(ref reads, reads + 1);
            }
        });
        reader.Start();
        for (var round = 0; round < 2_000 || Volatile.Read(ref reads) < 1_000; round++)
        {
            var next = new ExchangeAddress("/", "e", ExchangeType.Topic);
            Array.ForEach(others, q => _bench.Bind(next, "k", q));
            _bench.Bind(next, "k", steady); // behind them, so that holes open before it
            Volatile.Write(ref current, next);
            Array.ForEach(others, q => _bench.Unbind(next, "k", q));
            Array.ForEach(others, q => _bench.Bind(next, "k", q));
        }

        stop.Cancel();
        reader.Join();
        Assert.Equal(0, missed);
    }
}
