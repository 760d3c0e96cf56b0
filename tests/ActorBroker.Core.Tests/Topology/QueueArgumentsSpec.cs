using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Queues;
using ActorBroker.Core.Topology;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Every text here was answered by RabbitMQ 3.10, but for stream queues and delivery limits.</summary>
public sealed class QueueArgumentsSpec
{
    public static TheoryData<string, object?, string> Refusals
    {
        get
        {
            var data = new TheoryData<string, object?, string>();
            foreach (var name in (string[])["x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes",
                "x-max-priority", "x-queue-version"])
            {
                data.Add(name, -1, "{value_negative,-1}");
                data.Add(name, true, "\"expected integer, got bool\"");
                data.Add(name, "x", "\"expected integer, got longstr\"");
                data.Add(name, null, "\"expected integer, got void\"");
                data.Add(name, new object?[] { 1 }, "\"expected integer, got array\"");
                data.Add(name, Table(("a", 1)), "\"expected integer, got table\"");
                data.Add(name, new AmqpDecimal(1, 15), "\"expected integer, got decimal\"");
                data.Add(name, new AmqpTimestamp(1), "\"expected integer, got timestamp\"");
                data.Add(name, new byte[] { 1 }, "\"expected integer, got binary\"");
                data.Add(name, 1.5, "\"expected integer, got double\"");
            }

            foreach (var name in (string[])["x-overflow", "x-queue-mode", "x-queue-type", "x-dead-letter-routing-key"])
            {
                data.Add(name, 1, "{unacceptable_type,signedint}");
                data.Add(name, true, "{unacceptable_type,bool}");
                data.Add(name, null, "{unacceptable_type,void}");
                data.Add(name, 1L << 40, "{unacceptable_type,long}");
                data.Add(name, new byte[] { 1 }, "{unacceptable_type,binary}");
            }

            data.Add("x-single-active-consumer", 1, "{unacceptable_type,signedint}");
            data.Add("x-single-active-consumer", "x", "{unacceptable_type,longstr}");
            data.Add("x-message-ttl", 315_360_000_001, "{value_too_large,315360000001}");
            data.Add("x-expires", 0, "{value_zero,0}");
            data.Add("x-expires", 1L << 40, "{value_too_large,1099511627776}");
            data.Add("x-max-priority", 256, "{max_value_exceeded,256}");
            data.Add("x-queue-version", 3, "\"unsupported queue version '3'\"");
            data.Add("x-overflow", "x", "invalid_overflow");
            data.Add("x-queue-mode", "x", "\"unsupported queue mode 'x'\"");
            data.Add("x-queue-type", "x", "\"unsupported queue type 'x'\"");
            data.Add("x-queue-type", "stream", "queue type 'stream' is not supported yet");
            data.Add("x-dead-letter-routing-key", "x", "routing_key_but_no_dlx_defined");
            return data;
        }
    }

    public static TheoryData<string, object?, string> QuorumRefusals => new()
    {
        { "x-dead-letter-strategy", "x", "invalid_dlx_strategy" },
        { "x-dead-letter-strategy", 3, "{unacceptable_type,signedint}" },
        { "x-max-in-memory-length", "a", "\"expected integer, got longstr\"" },
        { "x-max-in-memory-length", -1, "{value_negative,-1}" },
        { "x-max-in-memory-bytes", "a", "\"expected integer, got longstr\"" },
        { "x-max-in-memory-bytes", -1, "{value_negative,-1}" },
        { "x-quorum-initial-group-size", "a", "\"expected integer, got longstr\"" },
        { "x-quorum-initial-group-size", true, "\"expected integer, got bool\"" },
        { "x-quorum-initial-group-size", -1, "{value_negative,-1}" },
        { "x-quorum-initial-group-size", 0, "{value_zero,0}" },
        { "x-queue-leader-locator", "min-masters", "invalid_queue_locator_arg" },
        { "x-queue-leader-locator", 5, "{unacceptable_type,signedint}" },
    };

    [Theory]
    [MemberData(nameof(QuorumRefusals))]
    public void Refuses_what_no_quorum_queue_can_be_told(string name, object? value, string why) => Refused(
        $"PRECONDITION_FAILED - invalid arg '{name}' for queue 'q' in vhost '/': {why}", () => Parse((name, value), ("x-queue-type", "quorum")));

    [Theory]
    [InlineData("x-max-in-memory-length", 0)]
    [InlineData("x-max-in-memory-bytes", 5)]
    [InlineData("x-quorum-initial-group-size", 3)]
    [InlineData("x-queue-leader-locator", "client-local")]
    [InlineData("x-queue-leader-locator", "random")]
    [InlineData("x-queue-leader-locator", "balanced")]
    [InlineData("x-queue-leader-locator", "least-leaders")]
    [InlineData("x-dead-letter-strategy", "at-least-once")]
    [InlineData("x-consumer-timeout", "whatever")]
    public void Takes_what_a_quorum_queue_may_be_told(string name, object value) => Parse((name, value), ("x-queue-type", "quorum"));

    /// <summary>RabbitMQ has a time limit for consumers in its configuration only, before 3.12: here it is an argument like any other.</summary>
    [Theory]
    [InlineData(1000)]
    [InlineData(-1)]
    [InlineData("a")]
    public void Does_not_look_at_a_consumer_timeout(object value)
    {
        Assert.Equal(value, Parse(("x-consumer-timeout", value)).Table["x-consumer-timeout"]);
        Parse(("x-consumer-timeout", value)).RequireEquivalent(Table(("x-consumer-timeout", 5)), "queue 'q' in vhost '/'");
    }

    [Theory]
    [InlineData("x-max-in-memory-length", 1, 2)]
    [InlineData("x-max-in-memory-bytes", 1, 2)]
    [InlineData("x-quorum-initial-group-size", 1, 3)]
    [InlineData("x-queue-leader-locator", "balanced", "client-local")]
    public void Compares_what_a_quorum_queue_was_told(string name, object now, object then) => Refused(
        $"PRECONDITION_FAILED - inequivalent arg '{name}' for queue 'q' in vhost '/': received '{then}' but current is '{now}'",
        () =>
        {
            Parse((name, now), ("x-queue-type", "quorum"))
                .RequireEquivalent(Table((name, then), ("x-queue-type", "quorum")), "queue 'q' in vhost '/'");
            return null;
        });

    [Theory]
    [InlineData("x-queue-leader-locator", "balanced", "classic")]
    [InlineData("x-dead-letter-strategy", "at-least-once", "classic")]
    [InlineData("x-quorum-initial-group-size", 0, "quorum")]
    public void A_queue_that_an_earlier_version_let_in_is_still_read(string name, object value, string type)
    {
        var table = Table((name, value), ("x-queue-type", type));
        Assert.Throws<ChannelException>(() => QueueArguments.Parse(table, "q", "/"));
        Assert.Equal(value, QueueArguments.Restore(table, "q", "/").Table[name]);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_what_is_out_of_range(string name, object? value, string why) => Refused(
        $"PRECONDITION_FAILED - invalid arg '{name}' for queue 'q' in vhost '/': {why}", () => Parse((name, value)));

    [Fact]
    public void Refuses_a_dead_letter_exchange_that_is_no_string() => Refused(
        "PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'",
        () => Parse(("x-dead-letter-exchange", 1)));

    [Theory]
    [InlineData("x-max-age", "1D", "classic")]
    [InlineData("x-max-in-memory-length", -1, "classic")]
    [InlineData("x-queue-leader-locator", "balanced", "classic")]
    [InlineData("x-queue-leader-locator", 5, "classic")]
    [InlineData("x-dead-letter-strategy", "at-least-once", "classic")]
    [InlineData("x-dead-letter-strategy", 3, "classic")]
    [InlineData("x-max-priority", -5, "quorum")]
    [InlineData("x-queue-mode", "lazy", "quorum")]
    [InlineData("x-queue-version", 2, "quorum")]
    public void Refuses_what_only_another_type_of_queue_has(string name, object value, string type) => Refused(
        $"PRECONDITION_FAILED - invalid arg '{name}' for queue 'q' in vhost '/' of queue type rabbit_{type}_queue",
        () => Parse((name, value), ("x-queue-type", type)));

    [Fact]
    public void Values_are_checked_before_what_the_type_does_not_have() => Refused(
        "PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0}",
        () => Parse(("x-queue-type", "quorum"), ("x-max-priority", 4), ("x-expires", 0)));

    [Fact]
    public void Takes_all_arguments_apart()
    {
        var arguments = Parse(
            ("x-expires", 1), ("x-message-ttl", 0),
            ("x-dead-letter-exchange", "dlx"), ("x-dead-letter-routing-key", "k"),
            ("x-max-length", (short)7), ("x-max-length-bytes", 1L << 40), ("x-max-priority", (byte)255),
            ("x-overflow", "reject-publish-dlx"), ("x-queue-mode", "lazy"), ("x-queue-version", 2),
            ("x-single-active-consumer", true), ("x-delivery-limit", 3), ("x-max-length-includes-unacked", true),
            ("unknown", "kept"));
        Assert.Equal(1, arguments.ExpiresMs);
        Assert.Equal(0, arguments.MessageTtlMs);
        Assert.Equal("dlx", arguments.DeadLetterExchange);
        Assert.Equal("k", arguments.DeadLetterRoutingKey);
        Assert.True(arguments.Lazy);
        Assert.Equal(3, arguments.DeliveryLimit);
        Assert.Equal("kept", arguments.Table["unknown"]);
        Assert.Equal(
            new QueueLimits(7, 1L << 40, QueueOverflow.RejectPublishDeadLetter, true, 0, 255, true, 3), arguments.Limits);
    }

    [Fact]
    public void Without_arguments_there_are_no_limits()
    {
        Assert.Equal(new QueueLimits(), QueueArguments.None.Limits);
        Assert.Null(QueueArguments.None.DeliveryLimit);
        Assert.Equal(20, Parse(("x-queue-type", "quorum")).DeliveryLimit);
        Assert.Null(Parse(("x-queue-type", "quorum"), ("x-delivery-limit", -1)).DeliveryLimit);
    }

    private static QueueArguments Parse(params (string, object?)[] arguments) =>
        QueueArguments.Parse(Table(arguments), "q", "/");
}
