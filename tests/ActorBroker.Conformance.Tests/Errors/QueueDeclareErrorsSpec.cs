using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>What <c>queue.declare</c> (50, 10) refuses, and what it lets pass.</summary>
public abstract class QueueDeclareErrorsSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceTheory]
    [InlineData("durable", true, false)]
    [InlineData("auto_delete", false, true)]
    public async Task Redeclaring_a_queue_with_another_flag_is_inequivalent(string flag, bool durable, bool autoDelete)
    {
        var queue = await Queue();

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg '{flag}' for queue '{queue}' in vhost '/': "
            + "received 'true' but current is 'false'",
            c => c.QueueDeclareAsync(queue, durable, false, autoDelete));
    }

    [ConformanceTheory]
    [InlineData("x-queue-leader-locator", "balanced", "classic", " of queue type rabbit_classic_queue")]
    [InlineData("x-dead-letter-strategy", "at-least-once", "classic", " of queue type rabbit_classic_queue")]
    [InlineData("x-queue-leader-locator", "foo", "quorum", ": invalid_queue_locator_arg")]
    [InlineData("x-quorum-initial-group-size", 0, "quorum", ": {value_zero,0}")]
    [InlineData("x-max-in-memory-length", "a", "quorum", ": \"expected integer, got longstr\"")]
    [InlineData("x-max-in-memory-bytes", -1, "quorum", ": {value_negative,-1}")]
    public async Task An_argument_that_does_nothing_here_is_refused(string name, object value, string type, string why)
    {
        var queue = Name("q");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg '{name}' for queue '{queue}' in vhost '/'{why}",
            c => c.QueueDeclareAsync(queue, durable: true, false, false, Table((name, value), ("x-queue-type", type))));
    }

    [ConformanceFact]
    public async Task A_consumer_timeout_is_an_argument_like_any_other()
    {
        var queue = await Queue("q", ("x-consumer-timeout", 1000));

        await Channel.QueueDeclareAsync(queue, false, false, false, Table(("x-consumer-timeout", "another")));

        Assert.True(Channel.IsOpen);
    }

    [ConformanceFact]
    public async Task Redeclaring_a_shared_queue_as_exclusive_is_locked()
    {
        var queue = await Queue();

        await ClosesChannel(405, Locked(queue), c => c.QueueDeclareAsync(queue, false, exclusive: true, false));
    }

    [ConformanceFact]
    public async Task Redeclaring_an_own_exclusive_queue_as_shared_is_locked()
    {
        var queue = Name("q");
        var connection = await Connect();
        await (await Open(connection)).QueueDeclareAsync(queue, false, exclusive: true, false);

        var refusal = await Refused(connection, c => c.QueueDeclareAsync(queue, false, exclusive: false, false));

        Assert.Equal(Refusal.OfChannel(405, Locked(queue)), refusal);
    }

    [ConformanceTheory]
    [InlineData("x-max-length", 10, 20)]
    [InlineData("x-max-length-bytes", 10, 20)]
    [InlineData("x-message-ttl", 60000, 50000)]
    [InlineData("x-expires", 60000, 50000)]
    [InlineData("x-max-priority", 5, 6)]
    [InlineData("x-overflow", "drop-head", "reject-publish")]
    [InlineData("x-dead-letter-exchange", "amq.fanout", "amq.direct")]
    public async Task Redeclaring_a_queue_with_another_argument_is_inequivalent(string name, object now, object then)
    {
        var queue = await Queue("q", (name, now));

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg '{name}' for queue '{queue}' in vhost '/': "
            + $"received '{then}' but current is '{now}'",
            c => c.QueueDeclareAsync(queue, false, false, false, Table((name, then))));
    }

    [ConformanceFact]
    public async Task Redeclaring_a_queue_with_an_argument_it_does_not_have_is_inequivalent()
    {
        var queue = await Queue();

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue '{queue}' in vhost '/': "
            + "received the value '10' of type 'signedint' but current is none",
            c => c.QueueDeclareAsync(queue, false, false, false, Table(("x-max-length", 10))));
    }

    [ConformanceFact]
    public async Task Redeclaring_a_queue_without_the_argument_it_has_is_inequivalent()
    {
        var queue = await Queue("q", ("x-max-length", 10));

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue '{queue}' in vhost '/': "
            + "received none but current is the value '10' of type 'signedint'",
            c => c.QueueDeclareAsync(queue, false, false, false));
    }

    [ConformanceFact]
    public async Task Redeclaring_a_queue_with_the_same_number_in_another_width_is_fine()
    {
        var queue = await Queue("q", ("x-max-length", 10));

        foreach (var same in new object[] { (byte)10, (sbyte)10, (short)10, (ushort)10, 10, 10u, 10L })
        {
            var ok = await Channel.QueueDeclareAsync(queue, false, false, false, Table(("x-max-length", same)));
            Assert.Equal(queue, ok.QueueName);
        }
    }

    [ConformanceFact]
    public async Task Unknown_queue_arguments_are_accepted_and_not_compared()
    {
        var queue = await Queue("q", ("x-colour", "red"));
        await Send(queue, "kept");

        var other = await Channel.QueueDeclareAsync(queue, false, false, false, Table(("x-colour", "blue")));
        var none = await Channel.QueueDeclareAsync(queue, false, false, false);

        Assert.Equal((queue, 1u), (other.QueueName, other.MessageCount));
        Assert.Equal((queue, 1u), (none.QueueName, none.MessageCount));
    }

    [ConformanceFact]
    public async Task A_queue_without_a_type_is_a_classic_queue()
    {
        var plain = await Queue("plain");
        var typed = await Queue("typed", ("x-queue-type", "classic"));

        await Channel.QueueDeclareAsync(plain, false, false, false, Table(("x-queue-type", "classic")));
        await Channel.QueueDeclareAsync(typed, false, false, false);
    }

    [ConformanceFact]
    public async Task A_transient_queue_that_is_not_exclusive_is_allowed()
    {
        var ok = await Channel.QueueDeclareAsync(Name("q"), durable: false, exclusive: false, autoDelete: false);

        Assert.Equal((0u, 0u), (ok.MessageCount, ok.ConsumerCount));
    }

    [ConformanceFact]
    public async Task Passive_declare_looks_only_at_the_name()
    {
        var queue = await Queue("q", ("x-max-length", 10));

        var ok = await Channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: true, Table(("x-max-length", 99)), passive: true);

        Assert.Equal(queue, ok.QueueName);
    }

    [ConformanceFact]
    public async Task Passive_declare_of_a_missing_queue_is_not_found()
    {
        var queue = Name("nope");

        await ClosesChannel(
            404, $"NOT_FOUND - no queue '{queue}' in vhost '/'", c => c.QueueDeclarePassiveAsync(queue));
    }

    [ConformanceFact]
    public Task Queue_names_with_the_reserved_prefix_are_refused() => ClosesChannel(
        403,
        "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
        c => c.QueueDeclareAsync("amq.mine", false, false, false));

    [ConformanceTheory]
    [InlineData("x-max-length", -1, "{value_negative,-1}")]
    [InlineData("x-max-length-bytes", -10, "{value_negative,-10}")]
    [InlineData("x-message-ttl", -1, "{value_negative,-1}")]
    [InlineData("x-expires", 0, "{value_zero,0}")]
    [InlineData("x-expires", -1, "{value_negative,-1}")]
    [InlineData("x-max-priority", 260, "{max_value_exceeded,260}")]
    [InlineData("x-max-priority", -1, "{value_negative,-1}")]
    [InlineData("x-max-length", "ten", "\"expected integer, got longstr\"")]
    [InlineData("x-message-ttl", "ten", "\"expected integer, got longstr\"")]
    [InlineData("x-max-priority", true, "\"expected integer, got bool\"")]
    [InlineData("x-dead-letter-routing-key", 5, "{unacceptable_type,signedint}")]
    [InlineData("x-dead-letter-routing-key", "k", "routing_key_but_no_dlx_defined")]
    [InlineData("x-overflow", "explode", "invalid_overflow")]
    [InlineData("x-overflow", 1, "{unacceptable_type,signedint}")]
    [InlineData("x-single-active-consumer", "yes", "{unacceptable_type,longstr}")]
    [InlineData("x-queue-mode", "fast", "\"unsupported queue mode 'fast'\"")]
    public async Task Invalid_queue_arguments_are_refused(string name, object value, string reason)
    {
        var queue = Name("q");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg '{name}' for queue '{queue}' in vhost '/': {reason}",
            c => c.QueueDeclareAsync(queue, false, false, false, Table((name, value))));
    }

    [ConformanceFact]
    public async Task A_dead_letter_exchange_that_is_no_text_is_refused()
    {
        var queue = Name("q");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue '{queue}' "
            + "in vhost '/'",
            c => c.QueueDeclareAsync(queue, false, false, false, Table(("x-dead-letter-exchange", 5))));
    }

    [ConformanceFact]
    public async Task A_quorum_queue_with_priorities_is_refused()
    {
        var queue = Name("q");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue '{queue}' in vhost '/' "
            + "of queue type rabbit_quorum_queue",
            c => c.QueueDeclareAsync(
                queue, durable: true, false, false, Table(("x-queue-type", "quorum"), ("x-max-priority", 5))));
    }

    [ConformanceFact]
    public async Task An_unknown_queue_type_is_refused()
    {
        var queue = Name("q");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue '{queue}' in vhost '/': "
            + "\"unsupported queue type 'pile'\"",
            c => c.QueueDeclareAsync(queue, true, false, false, Table(("x-queue-type", "pile"))));
    }

    private static string Locked(string queue) =>
        $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'. It could be "
        + "originally declared on another connection or the exclusive property value does not match that of the "
        + "original declaration.";
}
