using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Topic patterns and header matches, and the exchanges every virtual host starts with.</summary>
public abstract class RoutingSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceTheory]
    [InlineData("#", "", true)]
    [InlineData("#", "a", true)]
    [InlineData("#", "a.b.c", true)]
    [InlineData("*", "", false)] // the empty key has no word at all
    [InlineData("*", "a", true)]
    [InlineData("*", "a.b", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a.#", "a", true)]
    [InlineData("a.#", "a.b.c", true)]
    [InlineData("a.#", "ab", false)]
    [InlineData("#.c", "c", true)]
    [InlineData("#.c", "a.b.c", true)]
    [InlineData("#.c", "a.b", false)]
    [InlineData("a.*.c", "a.b.c", true)]
    [InlineData("a.*.c", "a..c", true)]
    [InlineData("a.*.c", "a.c", false)]
    [InlineData("a.*.c", "a.b.b.c", false)]
    [InlineData("a.#.c", "a.c", true)]
    [InlineData("a.#.c", "a.b.b.c", true)]
    [InlineData("#.b.#", "a.b.c", true)]
    [InlineData("#.b.#", "b", true)]
    [InlineData("#.b.#", "a.c", false)]
    [InlineData("*.#", "a", true)]
    [InlineData("*.*", "a", false)]
    [InlineData("#.#", "", true)]
    [InlineData("a.b", "a.b", true)]
    [InlineData("a.b", "A.b", false)]
    [InlineData("a*", "ab", false)]
    [InlineData("a.b.", "a.b", false)]
    public async Task A_topic_pattern_matches_word_by_word(string pattern, string key, bool matches)
    {
        var exchange = await Exchange("topic");
        var queue = await BoundQueue(exchange, "q", pattern);

        await Publish(exchange, key, "m");

        Assert.Equal(matches ? 1u : 0u, await Depth(queue));
    }

    [ConformanceTheory]
    [InlineData("all", "a=1,b=2", "a=1,b=2", true)]
    [InlineData("all", "a=1,b=2", "a=1,b=2,c=3", true)]
    [InlineData("all", "a=1,b=2", "a=1", false)]
    [InlineData("all", "a=1", "a=2", false)]
    [InlineData("all", "", "", true)]
    [InlineData("any", "a=1,b=2", "b=2", true)]
    [InlineData("any", "a=1,b=2", "a=2,b=1", false)]
    [InlineData("any", "a=1,b=2", "", false)]
    [InlineData("any", "", "a=1", false)]
    [InlineData(null, "a=1,b=2", "a=1", false)] // all is the default
    [InlineData(null, "a=1,b=2", "a=1,b=2", true)]
    [InlineData("all", "a=1,x-b=2", "a=1", true)] // names with x- do not count
    [InlineData("any", "a=1,x-b=2", "x-b=2", false)]
    [InlineData("all-with-x", "a=1,x-b=2", "a=1", false)]
    [InlineData("all-with-x", "a=1,x-b=2", "a=1,x-b=2", true)]
    [InlineData("any-with-x", "a=1,x-b=2", "x-b=2", true)]
    [InlineData("any-with-x", "a=1,x-b=2", "a=2", false)]
    public async Task A_headers_binding_matches_by_its_mode(string? mode, string bound, string sent, bool matches)
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();
        var arguments = Fields(bound);
        if (mode is not null)
        {
            arguments["x-match"] = mode;
        }

        await Channel.QueueBindAsync(queue, exchange, "ignored", arguments);
        await Publish(exchange, "", "m", new RabbitMQ.Client.BasicProperties { Headers = Fields(sent) });

        Assert.Equal(matches ? 1u : 0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_headers_binding_without_a_value_asks_only_for_the_name()
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "", Table(("x-match", "all"), ("colour", null)));

        await Publish(exchange, "", "red", Headers(("colour", "red")));
        await Publish(exchange, "", "five", Headers(("colour", 5)));
        await Publish(exchange, "", "none", Headers(("size", "red")));

        Assert.Equal(["red", "five"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_header_of_another_type_does_not_match()
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "", Table(("x-match", "all"), ("n", 1)));

        await Publish(exchange, "", "text", Headers(("n", "1")));
        await Publish(exchange, "", "bool", Headers(("n", true)));
        await Publish(exchange, "", "int", Headers(("n", 1)));

        Assert.Equal(["int"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_headers_exchange_copes_with_messages_without_headers()
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "", Table(("x-match", "any"), ("a", "1")));

        await Publish(exchange, "", "m");

        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceTheory]
    [InlineData("amq.direct")]
    [InlineData("amq.fanout")]
    [InlineData("amq.topic")]
    [InlineData("amq.headers")]
    [InlineData("amq.match")]
    public async Task The_predeclared_exchange_is_there_and_durable(string exchange)
    {
        var type = exchange is "amq.match" ? "headers" : exchange[4..];
        await Channel.ExchangeDeclarePassiveAsync(exchange);

        await Channel.ExchangeDeclareAsync(exchange, type, durable: true, autoDelete: false);
    }

    [ConformanceFact]
    public async Task A_delivery_names_its_exchange_and_key()
    {
        var exchange = await Exchange("topic");
        var queue = await BoundQueue(exchange, "q", "#");
        await Publish(exchange, "a.b", "by topic");
        await Send(queue, "by name");

        var deliveries = await DrainDeliveries(queue);

        Assert.Equal([(exchange, "a.b"), ("", queue)], deliveries.Select(d => (d.Exchange, d.RoutingKey)));
    }

    private static Dictionary<string, object?> Fields(string list) => list
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => (object?)pair[1]);
}
