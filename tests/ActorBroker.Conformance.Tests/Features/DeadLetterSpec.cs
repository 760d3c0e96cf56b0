using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Where messages go that a queue gives up, and what is written on them.</summary>
public abstract class DeadLetterSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_rejected_message_tells_its_story()
    {
        var exchange = await Exchange("direct");
        var (queue, dead) = await QueueWithDeadLetters();
        await Channel.QueueBindAsync(queue, exchange, "k");
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await Publish(exchange, "k", "m", Headers(("own", "header")));

        await Reject(queue);

        var letter = await (await Consume(dead)).Next();
        Assert.Equal(("m", "", dead, false), (letter.Body, letter.Exchange, letter.RoutingKey, letter.Redelivered));
        Assert.Equal("header", letter.Header("own"));
        var death = Assert.Single(Deaths(letter));
        Assert.Equal(["count", "exchange", "queue", "reason", "routing-keys", "time"], death.Keys.Order());
        Assert.Equal(1L, death["count"]);
        Assert.Equal(("rejected", queue), (Text(death, "reason"), Text(death, "queue")));
        Assert.Equal(exchange, Text(death, "exchange"));
        Assert.Equal(["k"], ((List<object?>)death["routing-keys"]!).Select(Delivery.Text));
        Assert.InRange(((AmqpTimestamp)death["time"]!).UnixTime, before - 5, before + 30);
    }

    [ConformanceFact]
    public async Task The_first_death_is_written_down_for_good()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        await Send(queue, "m");

        await Reject(queue);

        var letter = await (await Consume(dead)).Next();
        Assert.Equal(queue, letter.Header("x-first-death-queue"));
        Assert.Equal("rejected", letter.Header("x-first-death-reason"));
        Assert.Equal("", letter.Header("x-first-death-exchange"));
    }

    [ConformanceFact]
    public async Task Without_a_key_of_its_own_a_dead_letter_keeps_the_old_one()
    {
        var exchange = await Exchange("topic", "dlx");
        var dead = await BoundQueue(exchange, "dead", "#");
        var queue = await Queue("q", ("x-dead-letter-exchange", exchange));
        await Send(queue, "m");

        await Reject(queue);

        var letter = await (await Consume(dead)).Next();
        Assert.Equal((exchange, queue), (letter.Exchange, letter.RoutingKey));
    }

    [ConformanceFact]
    public async Task Every_death_in_another_queue_is_added_in_front_and_counted()
    {
        var (one, two) = (Name("one"), Name("two"));
        await Channel.QueueDeclareAsync(one, false, false, false, DeadLettersTo(two));
        await Channel.QueueDeclareAsync(two, false, false, false, DeadLettersTo(one));
        await Send(one, "m");

        foreach (var queue in new[] { one, two, one })
        {
            await Phase.Until($"the message to be in {queue}", async () => await Depth(queue) == 1);
            await Reject(queue);
        }

        var letter = await (await Consume(two)).Next();
        Assert.Equal([(one, 2L), (two, 1L)], Deaths(letter).Select(d => (Text(d, "queue")!, (long)d["count"]!)));
        Assert.Equal(one, letter.Header("x-first-death-queue"));
    }

    [ConformanceFact]
    public async Task What_does_not_fit_is_dead_for_maxlen()
    {
        var (queue, dead) = await QueueWithDeadLetters(("x-max-length", 2));

        await Send(queue, Numbers(4));

        var letters = await (await Consume(dead)).Take(2);
        Assert.Equal(["0", "1"], letters.Select(l => l.Body));
        Assert.All(letters, l => Assert.Equal("maxlen", Text(Deaths(l)[0], "reason")));
        Assert.Equal(["2", "3"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task What_is_refused_may_be_dead_lettered_as_well()
    {
        var (queue, dead) = await QueueWithDeadLetters(("x-max-length", 1), ("x-overflow", "reject-publish-dlx"));

        var accepted = await (await Publisher()).PublishAll("", queue, Numbers(3));

        Assert.Equal([true, false, false], accepted);
        var letters = await (await Consume(dead)).Take(2);
        Assert.Equal(["1", "2"], letters.Select(l => l.Body));
        Assert.All(letters, l => Assert.Equal("maxlen", Text(Deaths(l)[0], "reason")));
        Assert.Equal(["0"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task What_is_refused_is_not_dead_lettered_otherwise()
    {
        var (queue, dead) = await QueueWithDeadLetters(("x-max-length", 1), ("x-overflow", "reject-publish"));

        await (await Publisher()).PublishAll("", queue, Numbers(3));
        await Reject(queue);

        // The rejected one arrives last, so the refused ones would have been in front of it.
        Assert.Equal("0", (await (await Consume(dead)).Next()).Body);
        Assert.Equal(0u, await Depth(dead));
    }

    [ConformanceFact]
    public async Task An_expired_message_loses_its_expiration_and_keeps_it_in_its_story()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        await Publish("", queue, "m", new BasicProperties { Expiration = "50" });

        var letter = await (await Consume(dead)).Next();

        Assert.False(letter.Properties.IsExpirationPresent());
        var death = Assert.Single(Deaths(letter));
        Assert.Equal(("expired", "50"), (Text(death, "reason"), Text(death, "original-expiration")));
        Assert.Equal("expired", letter.Header("x-first-death-reason"));
    }

    [ConformanceFact]
    public async Task A_circle_without_a_reject_ends_and_one_with_a_reject_goes_on()
    {
        var queue = Name("circle");
        var arguments = DeadLettersTo(queue);
        arguments["x-message-ttl"] = 1000;
        await Channel.QueueDeclareAsync(queue, false, false, false, arguments);
        await Send(queue, "rejected");
        await Reject(queue);
        await Phase.Until("the rejected message to come round", async () => await Depth(queue) == 1);

        // Now it expires: the second time round without a reject in between it would be a circle.
        await Phase.Until("the circle to end", async () => await Depth(queue) == 0);
    }

    [ConformanceFact]
    public async Task A_missing_dead_letter_exchange_just_drops()
    {
        var queue = await Queue("q", ("x-dead-letter-exchange", Name("nope")));
        await Send(queue, "m");

        await Reject(queue);

        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_key_of_its_own_removes_the_copies_in_CC()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        var copy = await Queue("copy");
        await Publish("", queue, "m", Headers(("CC", new List<object?> { copy })));
        Assert.Equal(["m"], await Drain(copy));

        await Reject(queue);

        var letter = await (await Consume(dead)).Next();
        Assert.Null(letter.Header("CC"));
        Assert.Equal([queue, copy], ((List<object?>)Deaths(letter)[0]["routing-keys"]!).Select(Delivery.Text));
        Assert.Equal(0u, await Depth(copy));
    }

    /// <summary>Brokers before 3.5 wrote one entry for each death, without a count.</summary>
    [ConformanceFact]
    public async Task Deaths_that_an_older_broker_wrote_one_by_one_are_counted()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        Dictionary<string, object?> Death(string where) => Table(("queue", where), ("reason", "rejected"), ("exchange", ""));
        var deaths = new List<object?> { Death(queue), Death(queue), Death("o"), Death(queue), Death("o"), Death(queue) };
        await Publish("", queue, "m", Headers(("x-death", deaths)));

        await Reject(queue);

        var letter = await (await Consume(dead)).Next();
        Assert.Equal(
            [(queue, 5L), ("o", 2L)],
            Deaths(letter).Select(d => (Text(d, "queue"), (long)d["count"]!)));
        Assert.Null(letter.Header("x-first-death-queue"));
    }

    [ConformanceFact]
    public async Task Purged_and_deleted_messages_are_not_dead_letters()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        await Send(queue, Numbers(3));

        await Channel.QueuePurgeAsync(queue);
        await Send(queue, "witness");
        await Reject(queue);

        Assert.Equal("witness", (await (await Consume(dead)).Next()).Body);
    }

    private static Dictionary<string, object?> DeadLettersTo(string queue) =>
        Table(("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", queue));

    private static List<IDictionary<string, object?>> Deaths(Delivery letter) =>
        [.. ((List<object?>)letter.Properties.Headers!["x-death"]!).Cast<IDictionary<string, object?>>()];

    private static string? Text(IDictionary<string, object?> death, string field) =>
        Delivery.Text(death.TryGetValue(field, out var value) ? value : null);

    private async Task<(string Queue, string Dead)> QueueWithDeadLetters(params (string Key, object? Value)[] more)
    {
        var dead = await Queue("dead");
        var queue = Name("q");
        var arguments = DeadLettersTo(dead);
        foreach (var (key, value) in more)
        {
            arguments[key] = value;
        }

        await Channel.QueueDeclareAsync(queue, false, false, false, arguments);
        return (queue, dead);
    }

    private async Task Reject(string queue)
    {
        var got = (await Get(queue, autoAck: false))!;
        await Channel.BasicRejectAsync(got.Tag, requeue: false);
    }
}
