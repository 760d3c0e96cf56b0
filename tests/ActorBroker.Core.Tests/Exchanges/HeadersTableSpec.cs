using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using CsCheck;

namespace ActorBroker.Core.Tests.Exchanges;

public sealed class HeadersTableSpec
{
    // What RabbitMQ 3.10 answered to the same bindings and headers.
    public static TheoryData<bool, (string, object?)[], (string, object?)[]> Answers => new()
    {
        { true, [("k", 10)], [("k", 10L)] },
        { true, [("k", 10L)], [("k", (byte)10)] },
        { true, [("k", 10)], [("k", 10.0)] },
        { false, [("k", 10)], [("k", 11)] },
        { false, [("k", new AmqpDecimal(1, 100))], [("k", 10)] },
        { false, [("k", true)], [("k", 1)] },
        { true, [("k", true)], [("k", true)] },
        { false, [("k", "10")], [("k", 10)] },
        { true, [("k", "a")], [("k", "a"u8.ToArray())] },
        { true, [("k", null)], [("k", 10)] },
        { true, [("k", null)], [("k", null)] },
        { false, [("k", null)], [] },
        { false, [("k", 1)], [("k", null)] },
        { true, [], [] },
        { true, [], [("a", 1)] },
        { false, [("x-match", "any")], [("a", 1)] },
        { false, [("x-match", "any")], [] },
        { true, [("x-match", "all")], [] },
        { true, [("x-match", "all")], [("a", 1)] },
        { false, [("x-match", "any"), ("x-a", 1)], [("x-a", 1)] },
        { true, [("x-match", "any-with-x"), ("x-a", 1)], [("x-a", 1)] },
        { true, [("x-match", "all"), ("x-a", 1)], [("x-a", 2)] },
        { false, [("x-match", "all-with-x"), ("x-a", 1)], [("x-a", 2)] },
        { true, [("x-match", "all-with-x"), ("x-a", 1)], [("x-a", 1)] },
        { false, [("x-match", "any-with-x")], [("x-match", "any-with-x")] },
        { true, [("x-match", "all-with-x")], [] },
        { true, [("x-match", "any"), ("a", 1), ("b", 2)], [("b", 2)] },
        { false, [("a", 1), ("b", 2)], [("b", 2)] },
        { true, [("a", 1), ("b", 2)], [("b", 2), ("c", 3), ("a", 1)] },
        { true, [("x-match", "any"), ("a", 1), ("b", null)], [("b", 2)] },
        { true, [("k", new object?[] { 1, 2 })], [("k", new object?[] { 1, 2 })] },
        { false, [("k", new object?[] { 1 })], [("k", new object?[] { 1L })] },
        { false, [("X-a", "a")], [("a", 1)] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Matches_as_RabbitMQ_does(bool matches, (string, object?)[] binding, (string, object?)[] headers)
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Headers);
        bench.Bind(exchange, "", bench.Queue("q"), RoutingBench.Table(binding));

        Assert.Equal(matches, bench.Route(exchange, "", RoutingBench.Table(headers)).Length == 1);
    }

    [Fact]
    public void Refuses_an_unknown_x_match()
    {
        Refused("foo", "Invalid x-match field value <<\"foo\">>; expected all, any, all-with-x, or any-with-x");
        Refused(5, "Invalid x-match field type signedint (value 5); expected longstr");
        Refused(true, "Invalid x-match field type bool (value true); expected longstr");
        Refused(null, "Invalid x-match field type void (value undefined); expected longstr");
        Refused("any"u8.ToArray(), "Invalid x-match field type binary (value <<\"any\">>); expected longstr");
    }

    [Fact]
    public void Two_bindings_that_differ_in_their_key_both_have_to_go()
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Headers);
        var queue = bench.Queue("q");
        bench.Bind(exchange, "1", queue);
        bench.Bind(exchange, "2", queue);

        bench.Unbind(exchange, "1", queue);
        Assert.Equal(["q"], bench.Route(exchange, ""));
        bench.Unbind(exchange, "2", queue);
        Assert.Empty(bench.Route(exchange, ""));
    }

    [Fact]
    public void Law_all_asks_for_every_condition_and_any_for_one() =>
        Gen.Select(
                Gen.Select(Gen.OneOf("a", "b", "c", "d"), Gen.Int[0, 2]).List[0, 4],
                Gen.Select(Gen.OneOf("a", "b", "c", "d"), Gen.Int[0, 2]).List[0, 4],
                Gen.Bool)
            .Sample((wanted, given, any) =>
            {
                var conditions = wanted.DistinctBy(w => w.Item1).ToArray();
                var headers = given.DistinctBy(g => g.Item1).ToArray();
                var bench = new RoutingBench();
                var exchange = bench.Exchange("e", ExchangeType.Headers);
                bench.Bind(exchange, "", bench.Queue("q"), RoutingBench.Table(
                [
                    ("x-match", any ? "any" : "all"),
                    .. conditions.Select(c => (c.Item1, (object?)c.Item2)),
                ]));

                var routed = bench.Route(
                    exchange, "", RoutingBench.Table([.. headers.Select(h => (h.Item1, (object?)(long)h.Item2))]));
                var expected = any ? conditions.Any(headers.Contains) : conditions.All(headers.Contains);
                Assert.Equal(expected, routed.Length == 1);
            });

    private static void Refused(object? match, string text)
    {
        var table = RoutingTable.Create(ExchangeType.Headers);
        var refusal = Assert.Throws<ChannelException>(
            () => table.Add("", RoutingBench.Table(("x-match", match)), new QueueAddress("/", "q")));
        Assert.Equal($"PRECONDITION_FAILED - {text}", refusal.ReplyText);
    }
}
