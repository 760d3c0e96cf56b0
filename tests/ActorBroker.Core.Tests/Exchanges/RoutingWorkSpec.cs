using System.Diagnostics;
using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Exchanges;

/// <summary>What one message can cost on its way to its queues, in steps: twice as much of anything is twice the work, never more.</summary>
public sealed class RoutingWorkSpec
{
    [Theory]
    [InlineData("headers of the message, one binding of a thousand conditions")]
    [InlineData("conditions that all hold")]
    [InlineData("conditions of which any would do and none does")]
    [InlineData("conditions with one name")]
    [InlineData("headers bindings")]
    [InlineData("headers bindings behind exchanges")]
    [InlineData("queues of a fanout")]
    [InlineData("queues of one binding key")]
    [InlineData("topic bindings that end in #")]
    [InlineData("topic bindings with # before each word")]
    [InlineData("words of a key, with # before each word")]
    [InlineData("further keys in CC")]
    [InlineData("exchanges one behind the other")]
    [InlineData("exchanges bound to all others")]
    public void Grows_with_its_input_and_no_faster(string scene)
    {
        var (once, twice) = (StepsOf(scene, 64), StepsOf(scene, 128));

        Assert.InRange(once, 64, long.MaxValue);
        Assert.InRange(twice, once, (once * (scene == "exchanges bound to all others" ? 4.2 : 2.2)) + 64); // there the bindings are n * n
    }

    [Fact]
    public void A_binding_and_a_message_as_large_as_a_frame_are_compared_in_milliseconds()
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Headers);
        bench.Bind(exchange, "", bench.Queue("q"), Numbered(20_000, "x-match", "any", value: 2));
        var headers = Numbered(24_000, "a", 1, value: 1);
        var watch = Stopwatch.StartNew();

        Assert.Empty(bench.Route(exchange, "", headers));

        Assert.InRange(watch.ElapsedMilliseconds, 0, 1000); // it was 5800
    }

    [Fact]
    public void A_walk_over_its_budget_is_given_up_and_not_remembered()
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Headers);
        for (var i = 0; i < 100; i++)
        {
            bench.Bind(exchange, "", bench.Queue($"q{i}"), RoutingBench.Table(("a", i)));
        }

        var fanout = bench.Exchange("f", ExchangeType.Fanout);
        bench.Bind(fanout, "", exchange);
        for (var i = 0; i < 100; i++)
        {
            bench.Bind(fanout, "", bench.Queue($"q{i}"));
        }

        var cache = new RouteCache();
        foreach (var start in new[] { exchange, fanout })
        {
            var input = new RoutingInput("k"u8, RoutingBench.Table(("a", 5)).Encoded);
            cache.Route(start, input, bench, budget: 50);
            Assert.False(cache.IsComplete);

            Assert.Equal(start == fanout ? 100 : 1, cache.Route(start, input, bench).Length);
            Assert.True(cache.IsComplete);
        }
    }

    [Fact]
    public void A_headers_binding_of_too_many_conditions_is_refused()
    {
        HeadersRule.Validate(Numbered(HeadersRule.MaxConditions, "x-match", "any", value: 1));

        var refusal = Assert.Throws<ChannelException>(() => HeadersRule.Validate(Numbered(20_000, "x-match", "all", value: 1)));
        Assert.Equal(ReplyCode.PreconditionFailed, refusal.Code);
        Assert.Equal("a headers binding with 20000 arguments: must be at most 1024 and x-match", refusal.Text);
    }

    [Fact]
    public void A_message_with_too_many_further_keys_is_refused()
    {
        Assert.False(CarbonCopies.Parse(Copies(CarbonCopies.MaxKeys).Encoded).IsEmpty);

        var refusal = Assert.Throws<ChannelException>(() => CarbonCopies.Parse(Copies(CarbonCopies.MaxKeys + 1).Encoded));
        Assert.Equal(ReplyCode.PreconditionFailed, refusal.Code);
        Assert.Equal("invalid message: 4097 routing keys in CC and BCC, at most 4096 are allowed", refusal.Text);
    }

    [Fact]
    public void Bindings_that_differ_deep_inside_their_arguments_have_different_hashes()
    {
        var hashes = Enumerable.Range(0, 1000)
            .Select(i => new BindingArguments(RoutingBench.Table(("a", RoutingBench.Table(("b", new object?[] { i }))))).GetHashCode())
            .Distinct();

        Assert.InRange(hashes.Count(), 990, 1000); // they all had one, so that a thousand binds cost a million comparisons
        Assert.Equal(
            new BindingArguments(RoutingBench.Table(("a", RoutingBench.Table(("b", 1), ("c", 2))))).GetHashCode(),
            new BindingArguments(RoutingBench.Table(("a", RoutingBench.Table(("c", 2), ("b", 1))))).GetHashCode());
    }

    private static long StepsOf(string scene, int n)
    {
        var bench = new RoutingBench();
        var result = new RouteResult();
        var (exchange, key, headers) = Build(bench, scene, n);
        Router.Route(exchange, new RoutingInput(Encoding.UTF8.GetBytes(key), headers.Encoded, CarbonCopies.Parse(headers.Encoded)), bench, result);
        return result.Steps;
    }

    private static (ExchangeAddress Start, string Key, FieldTable Headers) Build(RoutingBench bench, string scene, int n)
    {
        var headers = bench.Exchange("h", ExchangeType.Headers);
        var topic = bench.Exchange("t", ExchangeType.Topic);
        var fanout = bench.Exchange("f", ExchangeType.Fanout);
        var queue = bench.Queue("q");
        switch (scene)
        {
            case "headers of the message, one binding of a thousand conditions":
                bench.Bind(headers, "", queue, Numbered(1000, "x-match", "all", value: 1));
                return (headers, "", Numbered(n, "a", 1, value: 1));
            case "conditions that all hold":
                bench.Bind(headers, "", queue, Numbered(n, "x-match", "all", value: 1));
                return (headers, "", Numbered(n, "a", 1, value: 1));
            case "conditions of which any would do and none does":
                bench.Bind(headers, "", queue, Numbered(n, "x-match", "any", value: 2));
                return (headers, "", Numbered(n, "a", 1, value: 1));
            case "conditions with one name":
                bench.Bind(headers, "", queue, Repeated(n, [("x-match", "any")], 2));
                return (headers, "", Repeated(n, [], 1));
            case "headers bindings":
                ForEach(n, i => bench.Bind(headers, "", bench.Queue($"q{i}"), RoutingBench.Table(("a", i))));
                return (headers, "", RoutingBench.Table(("a", 5)));
            case "headers bindings behind exchanges":
                ForEach(n, i =>
                {
                    var next = bench.Exchange($"h{i}", ExchangeType.Headers);
                    bench.Bind(fanout, "", next);
                    bench.Bind(next, "", queue, RoutingBench.Table(("a", i)));
                });
                return (fanout, "", Numbered(64, "a", 5, value: 1));
            case "queues of a fanout":
                ForEach(n, i => bench.Bind(fanout, "", bench.Queue($"q{i}")));
                return (fanout, "", FieldTable.Empty);
            case "queues of one binding key":
                ForEach(n, i => bench.Bind(topic, "a.#", bench.Queue($"q{i}")));
                return (topic, "a.b", FieldTable.Empty);
            case "topic bindings that end in #":
                ForEach(n, i => bench.Bind(topic, $"#.{i}.#", bench.Queue($"q{i}")));
                return (topic, string.Join('.', Enumerable.Range(0, 50)), FieldTable.Empty);
            case "topic bindings with # before each word":
                ForEach(n, i => bench.Bind(topic, string.Concat(Enumerable.Range(0, 7).Select(b => $"#.{(i >> b) & 1}.")) + "#", queue));
                return (topic, string.Join('.', Enumerable.Range(0, 50).Select(i => i & 1)), FieldTable.Empty);
            case "words of a key, with # before each word":
                ForEach(64, i => bench.Bind(topic, string.Concat(Enumerable.Range(0, 6).Select(b => $"#.{(i >> b) & 1}.")) + "#", queue));
                return (topic, string.Join('.', Enumerable.Range(0, n).Select(i => i & 1)), FieldTable.Empty);
            case "further keys in CC":
                bench.Bind(topic, "#", queue);
                return (topic, "", Copies(n));
            case "exchanges one behind the other":
                var last = fanout;
                ForEach(n, i =>
                {
                    var next = bench.Exchange($"f{i}", ExchangeType.Fanout);
                    bench.Bind(last, "", next);
                    last = next;
                });
                return (fanout, "", FieldTable.Empty);
            default:
                var all = Enumerable.Range(0, n).Select(i => bench.Exchange($"f{i}", ExchangeType.Fanout)).ToList();
                all.ForEach(from => all.ForEach(to => bench.Bind(from, "", to)));
                return (all[0], "", FieldTable.Empty);
        }
    }

    private static void ForEach(int n, Action<int> what)
    {
        for (var i = 0; i < n; i++)
        {
            what(i);
        }
    }

    private static FieldTable Copies(int n) => RoutingBench.Table(("CC", new object?[n].Select((_, i) => (object?)$"k{i}").ToArray()));

    private static FieldTable Numbered(int n, string firstName, object first, int value) => new(
        Enumerable.Range(0, n).Select(i => KeyValuePair.Create($"n{i}", (object?)value)).Prepend(KeyValuePair.Create(firstName, (object?)first)));

    /// <summary>Fields of one name, as only raw bytes can have them.</summary>
    private static FieldTable Repeated(int n, (string, object?)[] first, int value)
    {
        var writer = new AmqpWriter();
        writer.WriteRaw(RoutingBench.Table(first).Encoded);
        for (var i = 0; i < n; i++)
        {
            FieldTableBytes.Append(writer, "n"u8, value);
        }

        return FieldTable.FromBytes(writer.Written);
    }
}
