using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace ActorBroker.Tests.Queues;

/// <summary>How a queue ends, and what it answers afterwards.</summary>
public sealed class QueueEndSpec : QueueSpec
{
    [Fact]
    public async Task Delete_tells_topology_and_consumers_and_the_count_comes_with_it()
    {
        var queue = Start();
        var (_, consumer) = Consume(queue, prefetch: 1);
        Publisher.Tell(queue, 0, 1, 2);
        Batch(consumer);

        var answer = Delete(queue);
        var ended = Topology.ExpectMsg<QueueProtocol.Ended>();
        Assert.Equal((queue, 2), (ended.Queue, ended.Messages));
        Assert.False(answer.IsCompleted); // not before it is committed and off the tables: the topology passes it on
        consumer.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        ended.Succeed();
        consumer.ExpectMsg<QueueProtocol.QueueGone>();
        Assert.Equal(2, await Soon(answer, "the answer to the delete"));
    }

    [Fact]
    public async Task A_deletion_that_could_not_be_written_ends_its_consumers_all_the_same()
    {
        var queue = Start();
        var (_, consumer) = Consume(queue);
        var answer = Delete(queue);
        Topology.ExpectMsg<QueueProtocol.Ended>().Refuse(new InvalidOperationException("disk full"));
        consumer.ExpectMsg<QueueProtocol.QueueGone>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => answer);
    }

    [Fact]
    public async Task When_the_end_cannot_be_written_what_came_late_is_refused_and_nobody_waits()
    {
        var queue = Start();
        var first = Delete(queue);
        var ended = Topology.ExpectMsg<QueueProtocol.Ended>();
        var late = Publisher.Publish(queue, 1, 2);
        var again = Delete(queue);
        ended.Refuse(new InvalidOperationException("disk full"));
        Assert.Equal(new ulong[] { 1, 2 }, await Soon(late, "the refusal of a late batch"));
        Assert.Equal(new ulong[] { 1 }, await Soon(Publisher.Publish(queue, 3), "the refusal of a later one"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => again);
    }

    [Fact]
    public async Task Delete_if_unused_and_if_empty_say_why_not()
    {
        var queue = Start();
        Publisher.Tell(queue, 0);
        var notEmpty = await Assert.ThrowsAsync<ChannelException>(() => Delete(queue, ifEmpty: true));
        Assert.Equal("PRECONDITION_FAILED - queue 'q' in vhost '/' not empty", notEmpty.ReplyText);
        Assert.Equal(((ushort)50, (ushort)40), (notEmpty.ClassNumber, notEmpty.MethodNumber));

        var (link, consumer) = Consume(queue);
        Batch(consumer);
        var inUse = await Assert.ThrowsAsync<ChannelException>(() => Delete(queue, ifUnused: true));
        Assert.Equal("PRECONDITION_FAILED - queue 'q' in vhost '/' in use", inUse.ReplyText);
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));

        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        _ = Delete(queue, ifUnused: true, ifEmpty: true); // unacked messages do not count
        Assert.Equal(0, Topology.ExpectMsg<QueueProtocol.Ended>().Messages);
    }

    [Fact]
    public async Task A_tombstone_answers_what_comes_late()
    {
        var queue = Start();
        var (link, consumer) = Consume(queue);
        Publisher.Tell(queue, 0);
        Batch(consumer);
        _ = Delete(queue);
        var ended = Topology.ExpectMsg<QueueProtocol.Ended>();

        var late = Publisher.Publish(queue, 1, 2);
        var again = Delete(queue);
        Assert.Equal("NOT_FOUND - no queue 'q' in vhost '/'", (await Assert.ThrowsAsync<ChannelException>(() => Get(link))).ReplyText);
        Assert.False(late.IsCompleted || again.IsCompleted); // not before the end is committed: a crash would undo it
        queue.Actor.Tell(new QueueProtocol.Removed(1, TestActor));
        Assert.Same(queue, ExpectMsg<QueueProtocol.Drained>().Queue);
        Assert.Empty(await Soon(late, "the confirm of a late batch: it is unroutable"));
        Assert.Equal(0, await Soon(again, "a second delete"));
        Assert.Equal(3 * Publisher.Numbered(0).Length, Publisher.Accepted);
        var purge = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(purge));
        await Assert.ThrowsAsync<ChannelException>(() => purge.Task);
        Assert.Equal(0, await Soon(Delete(queue), "a second delete"));

        Settle(link, Outcome.Requeue, 1);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([link]));
        queue.Actor.Tell(QueueProtocol.WindowOpened.Instance);
        ended.Succeed();
        consumer.ExpectMsg<QueueProtocol.QueueGone>();
        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        consumer.ExpectMsg<QueueProtocol.Cancelled>();
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public void A_tombstone_refuses_a_consumer_that_comes_late()
    {
        var queue = Start();
        _ = Delete(queue);
        var (link, consumer) = Link(queue);
        queue.Actor.Tell(new QueueProtocol.Subscribe(link));
        var reason = Assert.IsType<ChannelException>(consumer.ExpectMsg<QueueProtocol.SubscribeRefused>().Reason);
        Assert.Equal("NOT_FOUND - no queue 'q' in vhost '/'", reason.ReplyText);
    }

    [Fact]
    public void A_declare_that_crosses_the_end_goes_back_to_the_topology()
    {
        var queue = Start();
        _ = Delete(queue);
        Topology.ExpectMsg<QueueProtocol.Ended>();
        var declare = new TopologyProtocol.DeclareQueue("/", 1, "q", false, false, false, false, FieldTable.Empty);
        queue.Actor.Tell(new QueueProtocol.Inspect(declare, declare.Reply));
        Assert.Same(declare, Topology.ExpectMsg<TopologyProtocol.DeclareQueue>());
    }

    [Fact]
    public async Task Its_actor_stops_when_no_table_leads_to_it_and_what_comes_later_is_answered_all_the_same()
    {
        var queue = Start();
        Watch(queue.Actor);
        _ = Delete(queue);
        Topology.ExpectMsg<QueueProtocol.Ended>();
        Pass(TimeSpan.FromMinutes(5)); // however long the commit takes
        ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        queue.Actor.Tell(new QueueProtocol.Removed(1, TestActor));
        ExpectMsg<QueueProtocol.Drained>();
        ExpectTerminated(queue.Actor);

        Assert.Empty(await Soon(Publisher.Publish(queue, 1), "the confirm of a late batch: it is unroutable"));
        var (link, consumer) = Link(queue);
        queue.Actor.Tell(new QueueProtocol.Subscribe(link));
        var reason = Assert.IsType<ChannelException>(consumer.ExpectMsg<QueueProtocol.SubscribeRefused>().Reason);
        Assert.Equal("NOT_FOUND - no queue 'q' in vhost '/'", reason.ReplyText);
        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        consumer.ExpectMsg<QueueProtocol.Cancelled>();

        var declare = new TopologyProtocol.DeclareQueue("/", 1, "q", false, false, false, false, FieldTable.Empty);
        queue.Actor.Tell(new QueueProtocol.Inspect(declare, declare.Reply));
        Assert.Same(declare, Topology.ExpectMsg<TopologyProtocol.DeclareQueue>());
        queue.Actor.Tell(GroupProtocol.Rest.Instance, TestActor);
        Assert.Equal(new GroupProtocol.AtRest(queue, 0), ExpectMsg<GroupProtocol.AtRest>());
    }

    [Fact]
    public async Task What_was_sent_before_anybody_could_see_its_end_is_sent_on_before_another_queue_takes_its_place()
    {
        var queue = Start();
        _ = Delete(queue);
        Topology.ExpectMsg<QueueProtocol.Ended>();
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        ((IInternalActorRef)queue.Actor).Suspend();
        queue.Actor.Tell(new QueueProtocol.Removed(1, TestActor));
        var late = Publisher.Publish(queue, 1);
        ((IInternalActorRef)queue.Actor).Resume(null);

        ExpectMsg<QueueProtocol.Drained>();
        Assert.Empty(await Soon(late, "the confirm of a late batch"));
        ExpectNoMsg(TimeSpan.FromMilliseconds(30)); // no dead letter: who answers those would not keep the order
    }

    [Fact]
    public void A_place_that_is_kept_for_a_consumer_of_a_queue_that_is_gone_goes_to_another_one()
    {
        var gate = new ChannelGate();
        gate.Set(limit: 1);
        var (busy, holding) = Sharing("busy", gate);
        Assert.Equal(["#1: 0"], Batch(holding));
        var (ended, _) = Sharing("ended", gate); // in line
        var (_, next) = Sharing("next", gate); // behind it
        _ = Delete(ended.Queue);
        Topology.ExpectMsg<QueueProtocol.Ended>();
        Watch(ended.Queue.Actor);
        ended.Queue.Actor.Tell(new QueueProtocol.Removed(1, TestActor));
        ExpectMsg<QueueProtocol.Drained>();
        ExpectTerminated(ended.Queue.Actor);

        Settle(busy, Outcome.Ack, 1); // the place is kept for the first in line
        Assert.Equal(["#1: 0"], Batch(next));
    }

    [Fact]
    public async Task An_auto_delete_queue_goes_with_its_last_consumer_and_not_before_its_first()
    {
        var queue = Start(autoDelete: true);
        Publisher.Tell(queue, 0);
        var (getter, _) = Link(queue, getsOnly: true);
        await Get(getter);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([getter])); // a channel that only used get
        Assert.Equal(1, (await Counts(queue)).Ready);

        var (first, _) = Consume(queue);
        var (second, _) = Consume(queue);
        queue.Actor.Tell(new QueueProtocol.Cancel(first));
        Assert.Equal(1, (await Counts(queue)).Consumers);
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));

        queue.Actor.Tell(new QueueProtocol.ChannelGone([second]));
        Assert.Null(Topology.ExpectMsg<QueueProtocol.Ended>().Reply);
    }

    [Fact]
    public void An_auto_delete_queue_goes_when_its_last_consumer_is_cancelled()
    {
        var queue = Start(autoDelete: true);
        var (link, consumer) = Consume(queue);
        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        consumer.ExpectMsg<QueueProtocol.Cancelled>();
        Topology.ExpectMsg<QueueProtocol.Ended>();
    }

    /// <summary>A consumer of a queue with a message, under a limit that it shares with others.</summary>
    private (ConsumerLink Link, TestProbe Actor) Sharing(string name, ChannelGate gate)
    {
        var queue = Start(name);
        var (link, actor) = Link(queue, gate: gate);
        queue.Actor.Tell(new QueueProtocol.Subscribe(link));
        actor.ExpectMsg<QueueProtocol.Subscribed>();
        Publisher.Tell(queue, 0);
        return (link, actor);
    }
}
