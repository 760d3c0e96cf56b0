using ActorBroker.Core.Exchanges;
using CsCheck;

namespace ActorBroker.Core.Tests.Exchanges;

public sealed class TopicTableSpec
{
    private static readonly Gen<string> Pattern =
        Gen.OneOf("a", "b", "*", "#", "").Array[0, 6].Select(words => string.Join('.', words));

    private static readonly Gen<string> Key =
        Gen.OneOf("a", "b", "").Array[0, 6].Select(words => string.Join('.', words));

    [Theory]
    [InlineData("#", "", true)]
    [InlineData("#", "a.b", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", false)]
    [InlineData("*", "a", true)]
    [InlineData("*", "a.b", false)]
    [InlineData("*.*", ".", true)]
    [InlineData("a.#", "a", true)]
    [InlineData("a.#", "a.", true)]
    [InlineData("#.c", "c", true)]
    [InlineData("#.c", "a.b.c", true)]
    [InlineData("#.c", "a.b.c.d", false)]
    [InlineData("a.*.c", "a.b.c", true)]
    [InlineData("a.*.c", "a.c", false)]
    [InlineData("a.#.#.c", "a.c", true)]
    [InlineData("a#", "a#", true)]
    [InlineData("a*", "ab", false)]
    public void Matches_words_as_RabbitMQ_does(string pattern, string key, bool matches)
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Topic);
        bench.Bind(exchange, pattern, bench.Queue("q"));

        Assert.Equal(matches, bench.Route(exchange, key).Length == 1);
        Assert.Equal(matches, NaiveMatch(Words(pattern), Words(key)));
    }

    [Fact]
    public void Law_the_trie_finds_what_a_naive_matcher_finds_after_any_binding_and_unbinding() =>
        Gen.Select(Gen.Select(Pattern, Gen.Int[0, 3]).List[0, 40], Gen.Int[0, 40], Key.List[1, 8])
            .Sample((bindings, removals, keys) =>
            {
                var bench = new RoutingBench();
                var exchange = bench.Exchange("e", ExchangeType.Topic);
                bindings = bindings.Distinct().ToList();
                foreach (var (pattern, queue) in bindings)
                {
                    bench.Bind(exchange, pattern, bench.Queue($"q{queue}"));
                }

                foreach (var (pattern, queue) in bindings.Take(removals))
                {
                    bench.Unbind(exchange, pattern, bench.Queue($"q{queue}"));
                }

                var left = bindings.Skip(removals).ToList();
                foreach (var key in keys)
                {
                    var expected = left.Where(b => NaiveMatch(Words(b.Item1), Words(key)))
                        .Select(b => $"q{b.Item2}").Distinct().Order(StringComparer.Ordinal);
                    Assert.Equal(expected, bench.Route(exchange, key));
                }
            });

    [Fact]
    public void Many_hashes_take_no_exponential_time()
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Topic);
        bench.Bind(exchange, string.Join('.', Enumerable.Repeat("#.a", 60)) + ".#.z", bench.Queue("q"));
        var key = string.Join('.', Enumerable.Repeat("a", 120));

        Assert.Empty(bench.Route(exchange, key)); // 120 over 60 ways without the places being kept apart
        Assert.Equal(["q"], bench.Route(exchange, key + ".z"));
    }

    [Fact]
    public void Nothing_is_left_in_the_trie_when_all_bindings_are_gone()
    {
        var bench = new RoutingBench();
        var exchange = bench.Exchange("e", ExchangeType.Topic);
        string[] patterns = ["a.b.c", "a.*.c", "#", "a.#.b", "", "*"];
        foreach (var pattern in patterns)
        {
            bench.Bind(exchange, pattern, bench.Queue("q"));
        }

        foreach (var pattern in patterns)
        {
            bench.Unbind(exchange, pattern, bench.Queue("q"));
            Assert.False(exchange.Table.Remove(pattern, Amqp.Types.FieldTable.Empty, bench.Queue("q")));
        }

        Assert.Empty(bench.Route(exchange, "a.b.c"));
        Assert.Empty(bench.Route(exchange, ""));
    }

    private static string[] Words(string key) => key.Length == 0 ? [] : key.Split('.');

    private static bool NaiveMatch(ReadOnlySpan<string> pattern, ReadOnlySpan<string> key) => pattern switch
    {
        [] => key.IsEmpty,
        ["#", ..] => NaiveMatch(pattern[1..], key) || (!key.IsEmpty && NaiveMatch(pattern, key[1..])),
        [var word, ..] => !key.IsEmpty && (word == "*" || word == key[0]) && NaiveMatch(pattern[1..], key[1..]),
    };
}
