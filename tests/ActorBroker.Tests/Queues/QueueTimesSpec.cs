using ActorBroker.Addresses;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Tests.Queues;

/// <summary>TTL, x-expires and the sweep, in virtual time: days pass in no time.</summary>
public sealed class QueueTimesSpec : QueueSpec
{
    [Fact]
    public async Task Messages_expire_on_the_millisecond_seven_days_later()
    {
        var queue = Start(arguments: ("x-message-ttl", 7 * 86_400_000));
        await Soon(Publisher.Put(queue, 1, 2), "the confirm");
        Pass(TimeSpan.FromDays(3));
        await Soon(Publisher.Put(queue, 3), "the confirm");
        Pass(TimeSpan.FromDays(4) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromDays(3));
        Assert.Equal(0, (await Counts(queue)).Ready);
    }

    [Fact]
    public async Task A_short_life_behind_a_long_one_ends_on_time()
    {
        var queue = Start();
        await Soon(Publisher.Put(queue, Living(1, "60000"), Living(2, "100"), Publisher.Numbered(3)), "the confirm");
        Pass(TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await Counts(queue)).Ready);
    }

    [Fact]
    public async Task A_shorter_life_that_comes_later_is_not_missed()
    {
        var queue = Start();
        await Soon(Publisher.Put(queue, Living(1, "60000")), "the confirm");
        await Soon(Publisher.Put(queue, Living(2, "1000")), "the confirm");
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await Counts(queue)).Ready);
        await Soon(Publisher.Put(queue, Living(3, "500")), "the confirm");
        Pass(TimeSpan.FromMilliseconds(500));
        Assert.Equal(1, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(0, (await Counts(queue)).Ready);
    }

    [Fact]
    public async Task A_life_of_zero_reaches_a_waiting_consumer_or_nobody()
    {
        var queue = Start(arguments: ("x-message-ttl", 0));
        await Soon(Publisher.Put(queue, 1), "the confirm");
        var (_, consumer) = Consume(queue, prefetch: 1);
        Assert.Equal(0, (await Counts(queue)).Ready);
        await Soon(Publisher.Put(queue, 2, 3), "the confirm");
        Assert.Equal(["#1: 2"], Batch(consumer));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 1, 1), await Counts(queue));
    }

    [Fact]
    public async Task A_message_whose_time_was_up_while_it_was_held_goes_to_nobody_when_it_comes_back()
    {
        var queue = Start(arguments: ("x-message-ttl", 1000));
        var (holder, _) = Link(queue, getsOnly: true);
        Publisher.Tell(queue, 1, 2);
        await Get(holder);
        await Get(holder);
        var (_, waiting) = Consume(queue);
        Pass(TimeSpan.FromSeconds(2));
        Settle(holder, Outcome.Requeue, 1);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([holder]));
        await NothingFor(waiting, Counts(queue));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 1), await Counts(queue));
    }

    [Fact]
    public async Task A_message_that_comes_back_before_its_time_expires_on_time()
    {
        var queue = Start(arguments: ("x-message-ttl", 1000));
        var (holder, _) = Link(queue, getsOnly: true);
        Publisher.Tell(queue, 1);
        await Get(holder);
        Pass(TimeSpan.FromMilliseconds(999));
        Settle(holder, Outcome.Requeue, 1);
        Assert.Equal(1, (await Counts(queue)).Ready);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, (await Counts(queue)).Ready);
    }

    [Fact]
    public async Task An_unacked_message_stays_with_its_consumer_for_a_day()
    {
        var queue = Start();
        var (_, consumer) = Consume(queue);
        Publisher.Tell(queue, 1);
        Batch(consumer);
        Pass(TimeSpan.FromHours(24));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 1, 1), await Counts(queue));
        await NothingFor(consumer, Counts(queue));
    }

    [Fact]
    public async Task A_queue_that_nobody_uses_expires()
    {
        var queue = Start(arguments: ("x-expires", 60_000));
        await Soon(Publisher.Put(queue, 1, 2), "the confirm");
        Pass(TimeSpan.FromMilliseconds(59_999));
        await Soon(Publisher.Put(queue, 3), "the confirm"); // publishing is not using
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        Pass(TimeSpan.FromMilliseconds(1));
        var ended = Topology.ExpectMsg<QueueProtocol.Ended>();
        Assert.Equal((3, null), (ended.Messages, ended.Reply));
    }

    [Theory]
    [InlineData("get")]
    [InlineData("declare")]
    public async Task Using_a_queue_starts_its_time_anew(string use)
    {
        var queue = Start(arguments: ("x-expires", 60_000));
        var (holder, _) = Link(queue, getsOnly: true);
        await Soon(Publisher.Put(queue, 1), "the confirm");
        for (var i = 0; i < 3; i++)
        {
            Pass(TimeSpan.FromSeconds(59));
            await (use == "get" ? Get(holder) : (Task)Counts(queue));
        }

        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        Pass(TimeSpan.FromSeconds(60));
        Topology.ExpectMsg<QueueProtocol.Ended>();
    }

    [Fact]
    public async Task A_queue_with_a_consumer_does_not_expire_and_its_time_starts_when_that_leaves()
    {
        var queue = Start(arguments: ("x-expires", 60_000));
        var (link, consumer) = Consume(queue);
        Pass(TimeSpan.FromDays(1));
        await Soon(Publisher.Put(queue, 1), "the confirm");
        Batch(consumer);
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));

        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        consumer.ExpectMsg<QueueProtocol.Cancelled>();
        await Soon(Publisher.Put(queue, 2), "the confirm");
        Pass(TimeSpan.FromSeconds(59));
        await Soon(Publisher.Put(queue, 3), "the confirm");
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Topology.ExpectMsg<QueueProtocol.Ended>().Messages);
    }

    [Fact]
    public async Task Times_of_many_weeks_are_kept_although_a_timer_cannot_wait_so_long()
    {
        const long days = 86_400_000;
        var queue = Start(arguments: [("x-expires", 60 * days), ("x-message-ttl", 50 * days)]);
        await Counts(queue);
        await Soon(Publisher.Put(queue, 1), "the confirm");
        for (var day = 1; day < 50; day++)
        {
            Pass(TimeSpan.FromDays(1));
            await Soon(Publisher.Put(queue, Array.Empty<Message>()), "the queue to have heard of it"); // not a use of it
        }

        var (getter, _) = Link(queue, getsOnly: true, noAck: true);
        Assert.True((await Get(getter)).Found); // and its time starts anew
        await Soon(Publisher.Put(queue, 2), "the confirm");
        for (var day = 1; day < 60; day++)
        {
            Pass(TimeSpan.FromDays(1));
            await Soon(Publisher.Put(queue, Array.Empty<Message>()), "the queue to have heard of it");
        }

        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
        Pass(TimeSpan.FromDays(1));
        Assert.Equal(0, Topology.ExpectMsg<QueueProtocol.Ended>().Messages); // the second message had expired on the 50th day
    }

    [Fact]
    public async Task A_queue_that_expires_ends_once()
    {
        var queue = Start(arguments: ("x-expires", 1));
        await Counts(queue);
        Pass(TimeSpan.FromSeconds(1));
        Topology.ExpectMsg<QueueProtocol.Ended>();
        Pass(TimeSpan.FromSeconds(30));
        Topology.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Messages_that_stay_move_out_of_a_slab_that_is_mostly_dead(int maxPriority)
    {
        var slab = Slab.Rent();
        for (var i = 0; i < 100; i++)
        {
            slab.Give();
        }

        slab.Retire();
        var queue = Start(arguments: ("x-max-priority", maxPriority));
        await Soon(Publisher.Put(queue, InSlab(slab, 1, 0, priority: 4), InSlab(slab, 2, 200)), "the confirm");
        slab.Release(90); // eight of a hundred are alive elsewhere, two wait here

        Pass(TimeSpan.FromSeconds(10));
        await Counts(queue);
        Assert.Equal(8, slab.References);
        slab.Bytes.AsSpan(0, 400).Fill(0xFF);
        var (_, consumer) = Consume(queue);
        Assert.Equal(["#1: 1", "#2: 2"], Batch(consumer));
        slab.Release(8);
    }

    /// <summary>Their old bytes may be on their way to a socket: the slab is left to the collector, and no other publisher gets it.</summary>
    [Theory]
    [InlineData("consumed")]
    [InlineData("cancelled")]
    [InlineData("got")]
    public async Task So_do_unacked_ones(string how)
    {
        var slab = Slab.Rent();
        for (var i = 0; i < 100; i++)
        {
            slab.Give();
        }

        slab.Retire();
        var queue = Start();
        await Soon(Publisher.Put(queue, InSlab(slab, 7, 0)), "the confirm");
        var (holder, actor) = how == "got" ? Link(queue, getsOnly: true) : Consume(queue);
        if (how == "got")
        {
            await Get(holder);
        }
        else
        {
            Assert.Equal(["#1: 7"], Batch(actor));
        }

        if (how == "cancelled")
        {
            queue.Actor.Tell(new QueueProtocol.Cancel(holder));
        }

        slab.Release(99);
        Pass(TimeSpan.FromSeconds(10));
        await Counts(queue);
        Assert.Equal(1, slab.References);
        slab.Bytes.AsSpan(0, 400).Fill(0xFF);
        queue.Actor.Tell(new QueueProtocol.ChannelGone([holder]));
        var (_, next) = Consume(queue);
        Assert.Equal(["#1: 7 again"], Batch(next));
    }

    private static Message InSlab(Slab slab, int number, int offset, byte priority = 0)
    {
        var message = Publisher.Numbered(number, new Amqp.Content.BasicProperties { Priority = priority });
        message.Buffer!.CopyTo(slab.Bytes, offset);
        (message.Buffer, message.Owner, message.Offset) = (slab.Bytes, slab, offset);
        return message;
    }

    private static Message Living(int number, string expiration) =>
        Publisher.Numbered(number, new Amqp.Content.BasicProperties { Expiration = expiration });
}
