using ActorBroker.Addresses;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.TestKit;

namespace ActorBroker.Tests.Queues;

/// <summary>Queues whose consumers share the limit of one channel (basic.qos with global).</summary>
public sealed class SharedLimitSpec : QueueSpec
{
    private readonly ChannelGate _gate = new();

    [Fact]
    public async Task Each_queue_gets_its_turn()
    {
        _gate.Set(limit: 1);
        var queues = new List<(QueueHandle Queue, ConsumerLink Link, TestProbe Actor, int[] Got)>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            var queue = Start(name);
            await Soon(Publisher.Put(queue, [.. Enumerable.Range(0, 20)]), "the confirm");
            var (link, actor) = Shares(queue);
            queues.Add((queue, link, actor, new int[1]));
        }

        for (var i = 0; i < 60; i++)
        {
            var (queue, link, actor, got) = await Next(queues);
            Batch(actor);
            got[0]++;
            Assert.InRange(queues.Max(q => q.Got[0]) - queues.Min(q => q.Got[0]), 0, 2); // the first had one before the others came
            Settle(link, Outcome.Ack, got[0]);
            await Counts(queue);
        }
    }

    [Fact]
    public async Task What_comes_back_goes_out_before_what_follows_it()
    {
        _gate.Set(limit: 1);
        var queue = Start();
        var (link, actor) = Shares(queue);
        await Soon(Publisher.Put(queue, 0, 1), "the confirm");
        Assert.Equal(["#1: 0"], Batch(actor));
        Settle(link, Outcome.Requeue, 1);
        Assert.Equal(["#2: 0 again"], Batch(actor));
    }

    [Fact]
    public async Task A_place_is_not_lost_with_a_queue_that_has_nothing_more_or_has_ended()
    {
        _gate.Set(limit: 1);
        var (one, two, three) = (Start("one"), Start("two"), Start("three"));
        var (first, firstActor) = Shares(one);
        var (_, _) = Shares(two);
        var (_, lastActor) = Shares(three);
        foreach (var queue in (QueueHandle[])[one, two, three])
        {
            await Soon(Publisher.Put(queue, 0), "the confirm");
        }

        Batch(firstActor);
        var purged = new Reply<int>();
        two.Actor.Tell(new QueueProtocol.Purge(purged));
        await Soon(purged.Task, "the purge");
        one.Actor.Tell(new QueueProtocol.Delete(IfUnused: false, IfEmpty: false, new Reply<int>()));
        Settle(first, Outcome.Ack, 1); // to a queue that is no more
        Assert.Equal(["#1: 0"], Batch(lastActor));
    }

    [Fact]
    public async Task One_without_acks_waits_while_the_limit_is_reached()
    {
        _gate.Set(limit: 1);
        var (acked, free) = (Start("acked"), Start("free"));
        var (link, actor) = Shares(acked);
        var (_, freeActor) = Shares(free, noAck: true);
        await Soon(Publisher.Put(acked, 0), "the confirm");
        Batch(actor);
        await Soon(Publisher.Put(free, 0, 1, 2), "the confirm");
        Assert.Equal(3, (await Counts(free)).Ready);
        Settle(link, Outcome.Ack, 1);
        Assert.Equal(["#1: 0", "#2: 1", "#3: 2"], Batch(freeActor));
        await Soon(Publisher.Put(acked, 1), "the confirm");
        Assert.Equal(["#2: 1"], Batch(actor)); // it took no place
    }

    private static async Task<(QueueHandle Queue, ConsumerLink Link, TestProbe Actor, int[] Got)> Next(
        List<(QueueHandle Queue, ConsumerLink Link, TestProbe Actor, int[] Got)> queues)
    {
        while (true)
        {
            foreach (var one in queues)
            {
                await Counts(one.Queue); // a round trip: whoever was told has had its round
                if (one.Actor.HasMessages)
                {
                    return one;
                }
            }
        }
    }

    private (ConsumerLink Link, TestProbe Actor) Shares(QueueHandle queue, bool noAck = false)
    {
        var (link, actor) = Link(queue, noAck: noAck, gate: _gate);
        queue.Actor.Tell(new QueueProtocol.Subscribe(link));
        actor.ExpectMsg<QueueProtocol.Subscribed>();
        return (link, actor);
    }
}
