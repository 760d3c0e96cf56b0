using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>What consuming, getting and acknowledging (class 60) refuse.</summary>
public abstract class ConsumerErrorsSpec(Broker broker) : ConformanceSpec(broker)
{
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    [ConformanceFact]
    public async Task Consuming_from_a_missing_queue_is_not_found()
    {
        var missing = Name("nope");

        await ClosesChannel(
            404,
            $"NOT_FOUND - no queue '{missing}' in vhost '/'",
            c => c.BasicConsumeAsync(missing, true, new Inbox(c, missing, Phase)));
    }

    [ConformanceFact]
    public async Task Getting_from_a_missing_queue_is_not_found()
    {
        var missing = Name("nope");

        await ClosesChannel(404, $"NOT_FOUND - no queue '{missing}' in vhost '/'", c => c.BasicGetAsync(missing, true));
    }

    [ConformanceFact]
    public async Task A_second_consumer_beside_an_exclusive_one_is_refused()
    {
        var queue = await Queue();
        await Consume(queue, exclusive: true);

        await ClosesChannel(
            403, InExclusiveUse(queue), c => c.BasicConsumeAsync(queue, true, new Inbox(c, queue, Phase)));
    }

    [ConformanceFact]
    public async Task An_exclusive_consumer_beside_another_is_refused()
    {
        var queue = await Queue();
        await Consume(queue);

        await ClosesChannel(
            403,
            InExclusiveUse(queue),
            c => c.BasicConsumeAsync(queue, true, "", false, exclusive: true, null, new Inbox(c, queue, Phase)));
    }

    [ConformanceTheory]
    [InlineData("x-stream-offset", "first", "classic", " of queue type rabbit_classic_queue")]
    [InlineData("x-stream-offset", 5, "classic", " of queue type rabbit_classic_queue")]
    [InlineData("x-stream-offset", "first", "quorum", " of queue type rabbit_quorum_queue")]
    [InlineData("x-cancel-on-ha-failover", 3, "classic", ": {unacceptable_type,signedint}")]
    [InlineData("x-cancel-on-ha-failover", true, "quorum", " of queue type rabbit_quorum_queue")]
    public async Task An_argument_that_the_queue_does_not_have_is_refused(string name, object value, string type, string why)
    {
        var queue = Name("q");
        await Channel.QueueDeclareAsync(queue, durable: true, false, false, Table(("x-queue-type", type)));

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid arg '{name}' for queue '{queue}' in vhost '/'{why}",
            c => c.BasicConsumeAsync(queue, false, "", false, false, Table((name, value)), new Inbox(c, queue, Phase)));
    }

    [ConformanceFact]
    public async Task A_consumer_tag_that_is_in_use_closes_the_connection()
    {
        var queue = await Queue();

        await ClosesConnection(
            530,
            "NOT_ALLOWED - attempt to reuse consumer tag 'twice'",
            async c =>
            {
                await c.BasicConsumeAsync(queue, true, "twice", new Inbox(c, queue, Phase));
                await c.BasicConsumeAsync(queue, true, "twice", new Inbox(c, queue, Phase));
            });
    }

    [ConformanceFact]
    public async Task Cancelling_an_unknown_consumer_is_fine()
    {
        await Channel.BasicCancelAsync("nobody");

        Assert.True(Channel.IsOpen);
    }

    [ConformanceTheory]
    [InlineData("ack", 7ul, false)]
    [InlineData("ack", 7ul, true)]
    [InlineData("ack", 0ul, false)]
    [InlineData("nack", 8ul, false)]
    [InlineData("nack", 8ul, true)]
    [InlineData("reject", 9ul, false)]
    public Task Settling_an_unknown_delivery_is_refused(string how, ulong tag, bool multiple) => ClosesChannel(
        406,
        $"PRECONDITION_FAILED - unknown delivery tag {tag}",
        c => Settle(c, how, tag, multiple));

    [ConformanceTheory]
    [InlineData("ack")]
    [InlineData("nack")]
    [InlineData("reject")]
    public async Task Settling_a_delivery_twice_is_refused(string how)
    {
        var queue = await Queue();
        await Send(queue, "m");

        await ClosesChannel(
            406,
            "PRECONDITION_FAILED - unknown delivery tag 1",
            async c =>
            {
                var got = await c.BasicGetAsync(queue, autoAck: false);
                await c.BasicAckAsync(got!.DeliveryTag, false);
                await Settle(c, how, got.DeliveryTag, false);
            });
    }

    [ConformanceFact]
    public async Task Settling_an_automatically_acknowledged_delivery_is_refused()
    {
        var queue = await Queue();
        await Send(queue, "m");

        await ClosesChannel(
            406,
            "PRECONDITION_FAILED - unknown delivery tag 1",
            async c =>
            {
                var got = await c.BasicGetAsync(queue, autoAck: true);
                await c.BasicAckAsync(got!.DeliveryTag, false);
            });
    }

    [ConformanceFact]
    public async Task Acknowledging_all_with_nothing_outstanding_is_fine()
    {
        await Channel.BasicAckAsync(0, multiple: true);
        await Channel.BasicQosAsync(0, 1, false);

        Assert.True(Channel.IsOpen);
    }

    [ConformanceFact]
    public Task The_reply_consumer_must_not_acknowledge() => ClosesChannel(
        406,
        "PRECONDITION_FAILED - reply consumer cannot acknowledge",
        c => c.BasicConsumeAsync(ReplyQueue, autoAck: false, new Inbox(c, ReplyQueue, Phase)));

    [ConformanceFact]
    public Task A_second_reply_consumer_is_refused() => ClosesChannel(
        406,
        "PRECONDITION_FAILED - reply consumer already set",
        async c =>
        {
            await c.BasicConsumeAsync(ReplyQueue, autoAck: true, new Inbox(c, ReplyQueue, Phase));
            await c.BasicConsumeAsync(ReplyQueue, autoAck: true, new Inbox(c, ReplyQueue, Phase));
        });

    [ConformanceFact]
    public Task A_prefetch_size_is_not_implemented() => ClosesConnection(
        540, "NOT_IMPLEMENTED - prefetch_size!=0 (10)", c => c.BasicQosAsync(10, 0, false));

    private static string InExclusiveUse(string queue) =>
        $"ACCESS_REFUSED - queue '{queue}' in vhost '/' in exclusive use";

    private static Task Settle(IChannel channel, string how, ulong tag, bool multiple) => how switch
    {
        "ack" => channel.BasicAckAsync(tag, multiple).AsTask(),
        "nack" => channel.BasicNackAsync(tag, multiple, requeue: true).AsTask(),
        _ => channel.BasicRejectAsync(tag, requeue: true).AsTask(),
    };
}
