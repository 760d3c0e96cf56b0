using System.Text;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Publishing;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Tests.Exchanges;

/// <summary>Bytes per message: the same on every machine.</summary>
public sealed class RoutingBudgetSpec
{
    private const int Messages = 1_000;

    [Theory]
    [InlineData("direct")]
    [InlineData("topic")]
    [InlineData("fanout of 100")]
    [InlineData("headers")]
    [InlineData("default")]
    [InlineData("exchange to exchange to alternate, with CC")]
    public void Routing_allocates_nothing_once_warm(string scene)
    {
        var bench = new RoutingBench();
        var (exchange, expected) = Build(bench, scene);
        var result = new RouteResult();
        var headers = RoutingBench.Table(("a", 1), ("CC", new object?[] { "a.c", "a.d" })).Encoded.ToArray();
        var key = Encoding.UTF8.GetBytes("a.b");
        Assert.Equal(expected, RouteMany(exchange, bench, result, key, headers));

        Assert.Equal(0, LeastAllocated(() => RouteMany(exchange, bench, result, key, headers)));
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("topic")]
    [InlineData("fanout of 100")]
    public void A_hit_in_the_cache_allocates_nothing(string scene)
    {
        var bench = new RoutingBench();
        var (exchange, expected) = Build(bench, scene);
        var cache = new RouteCache();
        byte[][] keys = [Encoding.UTF8.GetBytes("a.b"), Encoding.UTF8.GetBytes("a.b"), Encoding.UTF8.GetBytes("a.c")];
        HitMany(cache, exchange, bench, keys);

        Assert.InRange(HitMany(cache, exchange, bench, keys), 0, expected);
        Assert.Equal(0, LeastAllocated(() => HitMany(cache, exchange, bench, keys)));
    }

    /// <summary>What a channel does for each publish before the message is put together and after.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(OpenExchanges.Capacity)]
    public void A_publisher_that_alternates_between_exchanges_allocates_nothing(int exchanges)
    {
        var bench = new RoutingBench();
        var user = new User("u", hash: null).WithPermissions("/", new Permissions("", "^e", ""));
        var access = new AccessControl(user, "/", () => user);
        var open = new OpenExchanges();
        var cache = new RouteCache();
        var names = Enumerable.Range(0, exchanges).Select(i => Encoding.UTF8.GetBytes($"e{i}")).ToArray();
        foreach (var name in names)
        {
            bench.Bind(bench.Exchange(Encoding.UTF8.GetString(name), ExchangeType.Topic), "#", bench.Queue("q"));
        }

        Publish();
        bench.Delete(bench.Queue("a queue that has nothing to do with it"));
        Assert.Equal(0, LeastAllocated(Publish));

        int Publish()
        {
            var count = 0;
            for (var i = 0; i < Messages; i++)
            {
                var name = names[i % exchanges];
                var exchange = open.Open(name, access, bench);
                exchange.CheckTopic(name);
                count += cache.Route(open.Find(name, bench)!, new RoutingInput(name), bench).Length;
            }

            return count;
        }
    }

    // A collection that other tests cause while this runs is counted on this thread; it does not happen every time.
    private static long LeastAllocated(Func<int> run) =>
        Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

    private static int RouteMany(
        ExchangeAddress exchange, RoutingBench bench, RouteResult result, byte[] key, byte[] headers)
    {
        for (var i = 0; i < Messages; i++)
        {
            Router.Route(exchange, new RoutingInput(key, headers, CarbonCopies.Parse(headers)), bench, result);
        }

        return result.Count;
    }

    private static int HitMany(RouteCache cache, ExchangeAddress exchange, RoutingBench bench, byte[][] keys)
    {
        var count = 0;
        for (var i = 0; i < Messages; i++)
        {
            count = cache.Route(exchange, new RoutingInput(keys[i % keys.Length]), bench).Length;
        }

        return count;
    }

    private static (ExchangeAddress Exchange, int Queues) Build(RoutingBench bench, string scene)
    {
        switch (scene)
        {
            case "direct":
                var direct = bench.Exchange("e", ExchangeType.Direct);
                bench.Bind(direct, "a.b", bench.Queue("q1"));
                bench.Bind(direct, "a.b", bench.Queue("q2"));
                return (direct, 2);
            case "topic":
                var topic = bench.Exchange("e", ExchangeType.Topic);
                bench.Bind(topic, "a.*", bench.Queue("q1"));
                bench.Bind(topic, "#", bench.Queue("q2"));
                bench.Bind(topic, "#.b", bench.Queue("q3"));
                bench.Bind(topic, "a.b", bench.Queue("q1"));
                return (topic, 3);
            case "fanout of 100":
                var fanout = bench.Exchange("e", ExchangeType.Fanout);
                for (var i = 0; i < 100; i++)
                {
                    bench.Bind(fanout, "", bench.Queue($"q{i}"));
                }

                return (fanout, 100);
            case "headers":
                var headers = bench.Exchange("e", ExchangeType.Headers);
                bench.Bind(headers, "", bench.Queue("q1"), RoutingBench.Table(("a", 1L)));
                bench.Bind(headers, "", bench.Queue("q2"), RoutingBench.Table(("x-match", "any"), ("a", 1.0)));
                return (headers, 2);
            case "default":
                bench.Queue("a.b");
                return (bench.Exchange("", ExchangeType.Direct), 1);
            default:
                var start = bench.Exchange("e", ExchangeType.Direct);
                var next = bench.Exchange("next", ExchangeType.Direct, alternate: "ae");
                var alternate = bench.Exchange("ae", ExchangeType.Topic);
                bench.Bind(start, "a.d", next);
                bench.Bind(start, "a.c", bench.Queue("q1"));
                for (var i = 0; i < 30; i++)
                {
                    bench.Bind(alternate, "#", bench.Queue($"q{i}"));
                    bench.Bind(alternate, "a.*", bench.Queue($"q{i}"));
                }

                return (start, 30);
        }
    }
}
