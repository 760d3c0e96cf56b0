using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>What a message carries when it is dead-lettered: x-death and its relatives, as RabbitMQ writes them.</summary>
public sealed class DeadLetteringSpec
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Keeps_body_key_and_properties_and_goes_to_the_dead_letter_exchange()
    {
        var original = Published(new BasicProperties { ContentType = "text/plain", DeliveryMode = 2, Priority = 7, MessageId = "m" });
        original.Flags = MessageFlags.Persistent | MessageFlags.Mandatory;
        original.DeliveryCount = 3;
        var dead = DeadLettering.Create(original, LeaveReason.Rejected, "q", "dlx", null, Now);

        Assert.Equal(("dlx", "key", "body"), (Text(dead.Exchange), Text(dead.RoutingKey), Text(dead.Body)));
        var properties = BasicProperties.Decode(dead.Properties);
        Assert.Equal(("text/plain", (byte)2, (byte)7, "m"), (properties.ContentType, properties.DeliveryMode, properties.Priority, properties.MessageId));
        Assert.Equal((MessageFlags.Persistent, (byte)7, 0), (dead.Flags, dead.Priority, dead.DeliveryCount));
        Assert.Equal(("ex", "key"), (Text(original.Exchange), Text(original.RoutingKey)));
        Assert.Null(dead.Owner);
    }

    [Theory]
    [InlineData(LeaveReason.Rejected, "rejected")]
    [InlineData(LeaveReason.Expired, "expired")]
    [InlineData(LeaveReason.MaxLength, "maxlen")]
    [InlineData(LeaveReason.DeliveryLimit, "delivery_limit")]
    public void The_first_death_tells_when_where_and_why(object each, string word)
    {
        var reason = (LeaveReason)each; // no public type: xunit wants public parameters
        var headers = HeadersOf(DeadLettering.Create(Published(), reason, "q", "dlx", null, Now));

        var death = Assert.Single(Deaths(headers));
        Assert.Equal(
            Table(
                ("count", 1L),
                ("reason", word),
                ("queue", "q"),
                ("time", AmqpTimestamp.From(Now)),
                ("exchange", "ex"),
                ("routing-keys", new object?[] { "key" })),
            death);
        Assert.Equal(["count", "reason", "queue", "time", "exchange", "routing-keys"], death.Select(f => f.Key));
        foreach (var which in new[] { "first", "last" })
        {
            Assert.Equal(("ex", "q", word), (headers[$"x-{which}-death-exchange"], headers[$"x-{which}-death-queue"], headers[$"x-{which}-death-reason"]));
        }
    }

    [Fact]
    public void Takes_the_expiration_off_so_that_it_does_not_expire_again_and_notes_it()
    {
        var dead = DeadLettering.Create(
            Published(new BasicProperties { Expiration = "1500", CorrelationId = "c" }), LeaveReason.Expired, "q", "dlx", null, Now);

        var properties = BasicProperties.Decode(dead.Properties);
        Assert.Null(properties.Expiration);
        Assert.Equal("c", properties.CorrelationId);
        Assert.Equal(MessageFlags.None, dead.Flags & MessageFlags.HasExpiration);
        Assert.Equal("1500", Assert.Single(Deaths(properties.Headers!))["original-expiration"]);
    }

    [Fact]
    public void Keeps_the_headers_of_the_application()
    {
        var dead = DeadLettering.Create(Published(Headers(("a", 1), ("b", "two"))), LeaveReason.Rejected, "q", "dlx", null, Now);
        Assert.Equal((1, (object)"two"), ((int)HeadersOf(dead)["a"]!, HeadersOf(dead)["b"]));
    }

    [Fact]
    public void A_death_elsewhere_goes_before_the_older_ones()
    {
        var dead = Die(Published(), ("q1", LeaveReason.Expired), ("q2", LeaveReason.MaxLength), ("q2", LeaveReason.Rejected));
        Assert.Equal(["q2 rejected 1", "q2 maxlen 1", "q1 expired 1"], DeathTexts(dead));

        var headers = HeadersOf(dead);
        Assert.Equal(("q1", "expired", "ex"), (headers["x-first-death-queue"], headers["x-first-death-reason"], headers["x-first-death-exchange"]));
        Assert.Equal(("q2", "rejected", "dlx"), (headers["x-last-death-queue"], headers["x-last-death-reason"], headers["x-last-death-exchange"]));
    }

    [Fact]
    public void The_same_death_again_is_counted_up_and_moves_to_the_front()
    {
        var dead = Die(
            Published(), ("q1", LeaveReason.Expired), ("q2", LeaveReason.Rejected), ("q1", LeaveReason.Expired), ("q1", LeaveReason.Expired));
        Assert.Equal(["q1 expired 3", "q2 rejected 1"], DeathTexts(dead));
        Assert.Equal("ex", Deaths(HeadersOf(dead))[0]["exchange"]); // where it was published to first
    }

    [Fact]
    public void The_routing_keys_of_a_death_are_the_key_and_CC()
    {
        var dead = DeadLettering.Create(
            Published(Headers(("CC", new object?[] { "also", 5, "there" }))), LeaveReason.Rejected, "q", "dlx", null, Now);
        Assert.Equal(new object?[] { "key", "also", "there" }, (IEnumerable<object?>)Assert.Single(Deaths(HeadersOf(dead)))["routing-keys"]!);
        Assert.NotNull(HeadersOf(dead)["CC"]); // it is routed by all of them again
    }

    [Fact]
    public void A_routing_key_of_the_queue_replaces_key_and_CC()
    {
        var dead = DeadLettering.Create(
            Published(Headers(("CC", new object?[] { "also" }), ("a", 1))), LeaveReason.Rejected, "q", "dlx", "dead.key", Now);
        Assert.Equal("dead.key", Text(dead.RoutingKey));
        Assert.False(HeadersOf(dead).ContainsKey("CC"));
        Assert.True(HeadersOf(dead).ContainsKey("a"));
        Assert.Equal(new object?[] { "key", "also" }, (IEnumerable<object?>)Assert.Single(Deaths(HeadersOf(dead)))["routing-keys"]!);
    }

    [Theory]
    [InlineData("not an array")]
    [InlineData(5)]
    [InlineData(null)]
    public void An_x_death_that_an_application_made_up_is_replaced(object? nonsense)
    {
        var dead = DeadLettering.Create(Published(Headers(("x-death", nonsense))), LeaveReason.Expired, "q", "dlx", null, Now);
        Assert.Equal(["q expired 1"], DeathTexts(dead));
    }

    [Fact]
    public void Entries_of_x_death_that_are_no_tables_are_passed_over()
    {
        var strange = Headers(("x-death", new object?[] { 1, "x", Table(("queue", "q"), ("reason", "expired")), Table(("queue", 7)) }));
        var dead = DeadLettering.Create(Published(strange), LeaveReason.Expired, "q", "dlx", null, Now);
        Assert.Equal("q expired 2", DeathTexts(dead)[0]);
    }

    /// <summary>Before 3.5 RabbitMQ wrote one entry for each death. Counts as of 3.10.8, asked; the order is ours: newest first.</summary>
    [Theory]
    [InlineData("q:expired", "q expired 1")]
    [InlineData("q:expired:0", "q expired 1")]
    [InlineData("q:expired q:expired q:expired q:expired", "q expired 5")]
    [InlineData("o:expired o:expired o:expired o:expired", "q expired 1, o expired 4")]
    [InlineData("o:rejected q:expired o:expired q:expired p:rejected", "q expired 3, o rejected 1, o expired 1, p rejected 1")]
    [InlineData("q:expired:3 q:expired o:expired:2 o:expired", "q expired 4, o expired 2")]
    [InlineData("o:expired q:expired:3 q:expired:5", "q expired 4, o expired 1")]
    [InlineData("o:expired:2 o:expired:3 q:expired:4 q:expired:5", "q expired 5, o expired 2")]
    public void Deaths_that_an_older_broker_wrote_one_by_one_are_counted(string before, string after)
    {
        var deaths = before.Split(' ').Select(d => d.Split(':')).Select(d => (object?)(d.Length == 2
            ? Table(("queue", d[0]), ("reason", d[1]))
            : Table(("queue", d[0]), ("reason", d[1]), ("count", int.Parse(d[2], System.Globalization.CultureInfo.InvariantCulture)))));
        var dead = DeadLettering.Create(Published(Headers(("x-death", deaths.ToArray()))), LeaveReason.Expired, "q", "dlx", null, Now);
        Assert.Equal(after.Split(", "), DeathTexts(dead));
        Assert.Null(HeadersOf(dead)["x-first-death-queue"]); // nobody knows which was the first
    }

    [Theory]
    [InlineData("q", true, "q:expired")]
    [InlineData("q", true, "p:maxlen", "q:expired")]
    [InlineData("other", false, "p:maxlen", "q:expired")]
    [InlineData("q", false, "q:rejected")]
    [InlineData("q", false, "p:rejected", "q:expired")] // somebody rejected it on the way round
    [InlineData("q", true, "q:expired", "p:rejected")] // that was before it went round
    [InlineData("q", true, "p:expired", "q:maxlen", "p:rejected")]
    [InlineData("q", false)]
    public void A_message_that_comes_round_with_nobody_rejecting_it_is_in_a_cycle(string queue, bool expected, params string[] newestFirst)
    {
        var deaths = newestFirst.Select(d => (object?)Table(("queue", d.Split(':')[0]), ("reason", d.Split(':')[1]))).ToArray();
        Assert.Equal(expected, DeadLettering.IsCycle(Published(Headers(("x-death", deaths))), queue));
    }

    [Fact]
    public void A_message_without_headers_is_in_no_cycle() => Assert.False(DeadLettering.IsCycle(Published(), "q"));

    private static Message Published(BasicProperties? properties = null) =>
        Message.Create("ex", "key", (properties ?? BasicProperties.Empty).ToBytes(), "body"u8);

    private static BasicProperties Headers(params (string, object?)[] headers) => new() { Headers = Table(headers) };

    private static FieldTable Table(params (string Name, object? Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static Message Die(Message message, params (string Queue, LeaveReason Reason)[] deaths) =>
        deaths.Aggregate(message, (m, death) => DeadLettering.Create(m, death.Reason, death.Queue, "dlx", null, Now));

    private static FieldTable HeadersOf(Message message) => BasicProperties.Decode(message.Properties).Headers!;

    private static FieldTable[] Deaths(FieldTable headers) =>
        Assert.IsAssignableFrom<IEnumerable<object?>>(headers["x-death"]).Cast<FieldTable>().ToArray();

    private static string[] DeathTexts(Message message) =>
        [.. Deaths(HeadersOf(message)).Select(d => $"{d["queue"]} {d["reason"]} {d["count"]}")];

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
