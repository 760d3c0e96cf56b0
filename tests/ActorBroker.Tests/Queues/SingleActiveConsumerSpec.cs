using ActorBroker.Addresses;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Queues;

/// <summary>However the active consumer leaves, its successor begins with what it held.</summary>
public sealed class SingleActiveConsumerSpec : QueueSpec
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // most clients cancel first, and then close their channel
    public async Task The_successor_begins_with_what_a_closed_channel_held(bool cancels)
    {
        var queue = Start(arguments: ("x-single-active-consumer", true));
        var (a, actorA) = Consume(queue, prefetch: 2);
        var (_, actorB) = Consume(queue);
        await Soon(Publisher.Put(queue, 0, 1, 2, 3), "the confirm");
        Assert.Equal(["#1: 0", "#2: 1"], Batch(actorA));
        if (cancels)
        {
            queue.Actor.Tell(new QueueProtocol.Cancel(a));
            actorA.ExpectMsg<QueueProtocol.Cancelled>();
            await Soon(Publisher.Put(queue, 4), "the confirm"); // what comes between does not go out early
        }

        queue.Actor.Tell(new QueueProtocol.ChannelGone([a]));
        Assert.Equal(["#1: 0 again", "#2: 1 again", "#3: 2", "#4: 3"], Batch(actorB).Take(4));
    }

    [Fact]
    public async Task The_successor_of_a_cancelled_consumer_waits_while_that_one_settles_something_every_two_seconds()
    {
        var queue = Start(arguments: ("x-single-active-consumer", true));
        var (a, actorA) = Consume(queue, prefetch: 3);
        var (_, actorB) = Consume(queue);
        await Soon(Publisher.Put(queue, 0, 1, 2, 3), "the confirm");
        Batch(actorA);
        queue.Actor.Tell(new QueueProtocol.Cancel(a));
        Pass(TimeSpan.FromSeconds(1.9));
        Settle(a, Outcome.Ack, 1);
        await Counts(queue);
        Pass(TimeSpan.FromSeconds(1.9));
        Assert.Equal(1, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["#1: 3"], Batch(actorB)); // it goes on, as in RabbitMQ
        queue.Actor.Tell(new QueueProtocol.ChannelGone([a]));
        Assert.Equal(["#2: 1 again", "#3: 2 again"], Batch(actorB));
    }

    [Fact]
    public async Task The_successor_goes_on_at_once_when_the_cancelled_one_has_settled_all()
    {
        var queue = Start(arguments: ("x-single-active-consumer", true));
        var (a, actorA) = Consume(queue, prefetch: 2);
        var (_, actorB) = Consume(queue);
        await Soon(Publisher.Put(queue, 0, 1, 2), "the confirm");
        Batch(actorA);
        queue.Actor.Tell(new QueueProtocol.Cancel(a));
        Settle(a, Outcome.Ack, 1);
        Settle(a, Outcome.Requeue, 2);
        Assert.Equal(["#1: 1 again", "#2: 2"], Batch(actorB));
    }

    [Fact]
    public async Task A_consumer_whose_channel_was_gone_before_it_came_is_not_let_in()
    {
        var queue = Start(arguments: ("x-single-active-consumer", true));
        var (late, actor) = Link(queue);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([late]));
        queue.Actor.Tell(new QueueProtocol.Subscribe(late));
        actor.ExpectMsg<QueueProtocol.QueueGone>();

        var (_, next) = Consume(queue);
        await Soon(Publisher.Put(queue, 0), "the confirm");
        Assert.Equal(["#1: 0"], Batch(next));
        Assert.Equal(1, (await Counts(queue)).Consumers);
    }

    [Fact]
    public async Task An_exclusive_consumer_that_comes_after_another_begins_with_what_that_one_held()
    {
        var queue = Start();
        var (a, actorA) = Consume(queue, prefetch: 2, exclusive: true);
        await Soon(Publisher.Put(queue, 0, 1, 2), "the confirm");
        Batch(actorA);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([a]));
        var (_, actorB) = Consume(queue, exclusive: true);
        Assert.Equal(["#1: 0 again", "#2: 1 again", "#3: 2"], Batch(actorB));
    }
}
