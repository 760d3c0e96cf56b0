using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests;

/// <summary>What was sent to an actor that is gone is answered, so that nobody waits for ever.</summary>
public sealed class LostMessagesSpec : BrokerSpec
{
    private readonly Publisher _publisher = new();

    [Fact]
    public async Task A_batch_for_a_dead_queue_is_refused_and_its_credit_returned()
    {
        var queue = await Dead();
        var answer = await Soon(_publisher.Publish(queue, 1, 2), "the confirm");
        Assert.Equal([1UL, 2], answer);
        Assert.Equal(2 * Publisher.Numbered(1).Length, _publisher.Accepted);
    }

    [Fact]
    public async Task Requests_to_a_dead_queue_are_refused()
    {
        var queue = await Dead();
        var purge = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(purge));
        var refusal = await Assert.ThrowsAsync<ConnectionException>(() => Soon(purge.Task, "the refusal"));
        Assert.Equal(ReplyCode.InternalError, refusal.Code);
        await Assert.ThrowsAsync<ConnectionException>(() => Declare("q", passive: true));
        await Assert.ThrowsAsync<ConnectionException>(() => DeleteQueue("q"));
    }

    [Fact]
    public async Task Requests_to_a_dead_topology_are_refused()
    {
        Watch(Broker.Topology);
        Sys.Stop(Broker.Topology);
        ExpectTerminated(Broker.Topology);
        await Assert.ThrowsAsync<ConnectionException>(() => Declare("q"));
    }

    [Fact]
    public async Task A_consumer_of_a_dead_queue_is_refused()
    {
        var queue = await Dead();
        var subscribed = new Reply<bool>();
        var link = new ConsumerLink(queue, new FakeEndpoint(), "tag", false, false, 0, 0, false, null);
        Sys.ActorOf(ConsumerActor.Props(link, subscribed));
        await Assert.ThrowsAsync<ConnectionException>(() => Soon(subscribed.Task, "the refusal"));
    }

    private async Task<QueueHandle> Dead()
    {
        var queue = await Queue("q");
        Watch(queue.Actor);
        Sys.Stop(queue.Actor);
        ExpectTerminated(queue.Actor);
        return queue;
    }
}
