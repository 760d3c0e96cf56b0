using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Queues declared with <c>x-queue-type=quorum</c>, as frameworks do by default.</summary>
public abstract class QuorumQueueSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_quorum_queue_is_accepted_and_keeps_the_order()
    {
        var queue = await Quorum();
        await Send(queue, Numbers(100));

        Assert.Equal(Numbers(100), await (await Consume(queue, autoAck: true)).Bodies(100));
    }

    [ConformanceFact]
    public async Task A_quorum_queue_counts_deliveries()
    {
        var queue = await Quorum();
        await Send(queue, "m");
        var inbox = await Consume(queue);
        var first = await inbox.Next();
        Assert.Null(first.Header("x-delivery-count"));

        await inbox.Nack(first);

        Assert.Equal("1", (await inbox.Next()).Header("x-delivery-count"));
    }

    [ConformanceFact]
    public async Task A_message_that_comes_back_too_often_is_a_dead_letter()
    {
        var dead = await Queue("dead");
        var queue = await Quorum(
            ("x-delivery-limit", 2), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        await Send(queue, "m");
        var inbox = await Consume(queue);

        for (var delivery = 0; delivery < 3; delivery++)
        {
            await inbox.Reject(await inbox.Next(), requeue: true);
        }

        var letter = await (await Consume(dead)).Next();
        Assert.Equal("delivery_limit", letter.Header("x-first-death-reason"));
        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_quorum_queue_has_to_be_durable()
    {
        var queue = Name("quorum");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - invalid property 'non-durable' for queue '{queue}' in vhost '/'",
            c => c.QueueDeclareAsync(queue, durable: false, false, false, Table(("x-queue-type", "quorum"))));
    }

    [ConformanceFact]
    public async Task A_classic_queue_cannot_be_redeclared_as_a_quorum_queue()
    {
        var queue = Name("classic");
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '{queue}' in vhost '/': "
            + "received the value 'quorum' of type 'longstr' but current is none",
            c => c.QueueDeclareAsync(queue, durable: true, false, false, Table(("x-queue-type", "quorum"))));
    }

    private async Task<string> Quorum(params (string Key, object? Value)[] arguments)
    {
        var queue = Name("quorum");
        await Channel.QueueDeclareAsync(
            queue, durable: true, false, false, Table([("x-queue-type", "quorum"), .. arguments]));
        return queue;
    }
}
