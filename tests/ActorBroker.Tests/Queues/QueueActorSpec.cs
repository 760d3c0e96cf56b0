using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Queues;

/// <summary>A queue as an actor: what it is told, what it answers, and what it does when something fails.</summary>
public sealed class QueueActorSpec : QueueSpec
{
    [Fact]
    public async Task Confirms_a_batch_when_it_has_accepted_it_and_gives_the_credit_back()
    {
        var queue = Start();
        Assert.Empty(await Soon(Publisher.Publish(queue, 1, 2, 3), "the confirm"));
        Assert.Equal(3 * Publisher.Numbered(1).Length, Publisher.Accepted);
        Assert.Equal(3, (await Counts(queue)).Ready);
    }

    [Fact]
    public async Task Nacks_the_publishes_that_a_full_queue_refuses_and_no_other()
    {
        var queue = Start(arguments: [("x-max-length", 3), ("x-overflow", "reject-publish")]);
        var answer = await Soon(Publisher.Publish(queue, 0, 1, 2, 3, 4, 5), "the confirm");
        Assert.Equal([4UL, 5, 6], answer);
        Assert.Equal(3, (await Counts(queue)).Ready);
        Assert.Equal(6 * Publisher.Numbered(1).Length, Publisher.Accepted);
    }

    [Fact]
    public async Task A_limited_queue_with_a_consumer_takes_a_batch_larger_than_its_limit()
    {
        var queue = Start(arguments: [("x-max-length", 1), ("x-overflow", "reject-publish")]);
        var (_, consumer) = Consume(queue, noAck: true);
        Assert.Empty(await Soon(Publisher.Publish(queue, 0, 1, 2), "the confirm"));
        Assert.Equal(["#1: 0", "#2: 1", "#3: 2"], Batch(consumer));
    }

    [Fact]
    public void Delivers_one_batch_to_a_consumer_per_turn()
    {
        var queue = Start();
        var (_, consumer) = Consume(queue);
        Publisher.Tell(queue, 7, 8, 9);
        Publisher.Tell(queue, 10);
        Assert.Equal(["#1: 7", "#2: 8", "#3: 9"], Batch(consumer));
        Assert.Equal(["#4: 10"], Batch(consumer));
    }

    [Fact]
    public void A_new_consumer_is_let_in_before_its_first_delivery()
    {
        var queue = Start();
        Publisher.Tell(queue, 1, 2);
        var (_, consumer) = Consume(queue); // expects Subscribed first
        Assert.Equal(["#1: 1", "#2: 2"], Batch(consumer));
    }

    [Fact]
    public void Nine_messages_go_to_three_consumers_in_turn()
    {
        var queue = Start();
        var (_, a) = Consume(queue, prefetch: 3);
        var (_, b) = Consume(queue, prefetch: 3);
        var (_, c) = Consume(queue, prefetch: 3);
        Publisher.Tell(queue, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Equal(["#1: 0", "#2: 3", "#3: 6"], Batch(a));
        Assert.Equal(["#1: 1", "#2: 4", "#3: 7"], Batch(b));
        Assert.Equal(["#1: 2", "#2: 5", "#3: 8"], Batch(c));
    }

    [Fact]
    public async Task What_is_settled_makes_room_for_the_next()
    {
        var queue = Start();
        var (link, consumer) = Consume(queue, prefetch: 2);
        Publisher.Tell(queue, 0, 1, 2, 3);
        Assert.Equal(["#1: 0", "#2: 1"], Batch(consumer));

        Settle(link, Outcome.Requeue, 1);
        Assert.Equal(["#3: 0 again"], Batch(consumer));
        Settle(link, Outcome.Ack, 2, 3);
        Assert.Equal(["#4: 2", "#5: 3"], Batch(consumer));
        Settle(link, Outcome.Discard, 4, 5);
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 1), await Counts(queue));
    }

    [Fact]
    public void Verdicts_of_several_consumers_count_together_before_anybody_gets_a_delivery()
    {
        var queue = Start();
        var (a, actorA) = Consume(queue, prefetch: 1);
        var (b, actorB) = Consume(queue, prefetch: 1);
        Publisher.Tell(queue, 0, 1, 2, 3);
        Batch(actorA);
        Batch(actorB);

        var settle = new QueueProtocol.Settle(queue);
        settle.Add(b, 1, Outcome.Requeue);
        settle.Add(a, 1, Outcome.Requeue);
        Assert.Equal((2, 2), (settle.Deliveries, settle.Ranges.Length));
        queue.Actor.Tell(settle);
        Assert.Equal(["#2: 0 again"], Batch(actorA)); // told one by one, the first to have room would get 1 here
        Assert.Equal(["#2: 1 again"], Batch(actorB));
    }

    [Fact]
    public void Verdicts_side_by_side_are_one_range()
    {
        var queue = Start();
        var (a, _) = Link(queue);
        var (b, _) = Link(queue);
        var settle = new QueueProtocol.Settle(queue);
        foreach (var (link, number, outcome) in new[]
        {
            (a, 1, Outcome.Ack), (a, 2, Outcome.Ack), (a, 3, Outcome.Requeue), (a, 4, Outcome.Requeue), (a, 6, Outcome.Requeue),
            (b, 7, Outcome.Requeue), (a, 7, Outcome.Requeue), (a, 5, Outcome.Ack),
        })
        {
            settle.Add(link, number, outcome);
        }

        var ranges = settle.Ranges.ToArray().Select(r => $"{(r.Consumer == a ? "a" : "b")} {r.From}-{r.To} {r.Outcome}");
        Assert.Equal(["a 1-2 Ack", "a 3-4 Requeue", "a 6-6 Requeue", "b 7-7 Requeue", "a 7-7 Requeue", "a 5-5 Ack"], ranges);
        Assert.Equal(8, settle.Deliveries);
    }

    [Fact]
    public void A_full_queue_drops_its_head_when_messages_come_back()
    {
        // As RabbitMQ does: limit 3, two are held, three more have come.
        var queue = Start(arguments: [("x-max-length", 3)]);
        var (link, consumer) = Consume(queue, prefetch: 2);
        Publisher.Tell(queue, 0, 1);
        Batch(consumer);
        Publisher.Tell(queue, 2, 3, 4);
        Settle(link, Outcome.Requeue, 1, 2);
        Assert.Equal(["#3: 2", "#4: 3"], Batch(consumer));
    }

    [Fact]
    public async Task Verdicts_of_other_numbers_are_passed_over()
    {
        var queue = Start();
        var (link, consumer) = Consume(queue);
        Publisher.Tell(queue, 0);
        Batch(consumer);
        Settle(link, Outcome.Ack, 1, 1, 2, 99);
        Settle(link, Outcome.Requeue, 1);
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 1), await Counts(queue));
    }

    [Fact]
    public async Task Cancel_is_answered_after_the_last_delivery_and_keeps_what_is_held()
    {
        var queue = Start();
        var (link, consumer) = Consume(queue);
        Publisher.Tell(queue, 0, 1);
        queue.Actor.Tell(new QueueProtocol.Cancel(link));
        Publisher.Tell(queue, 2);

        Assert.Equal(["#1: 0", "#2: 1"], Batch(consumer));
        consumer.ExpectMsg<QueueProtocol.Cancelled>();
        Assert.Equal(new QueueProtocol.QueueCounts("q", 1, 2, 0), await Counts(queue));
        Settle(link, Outcome.Ack, 1);
        Settle(link, Outcome.Requeue, 2);
        Assert.Equal(new QueueProtocol.QueueCounts("q", 2, 0, 0), await Counts(queue));
        await NothingFor(consumer, Counts(queue));
    }

    [Fact]
    public async Task What_a_channel_held_goes_back_in_order_when_it_is_gone()
    {
        var queue = Start();
        var (first, firstActor) = Consume(queue, prefetch: 2);
        var (second, secondActor) = Consume(queue, prefetch: 2);
        var (getter, _) = Link(queue, getsOnly: true);
        Publisher.Tell(queue, 0, 1, 2, 3, 4, 5);
        Batch(firstActor);
        Batch(secondActor);
        Assert.Equal(4, Publisher.NumberOf((await Get(getter)).Message));
        var (_, survivor) = Consume(queue, prefetch: 10);
        Assert.Equal(["#1: 5"], Batch(survivor));

        queue.Actor.Tell(new QueueProtocol.ChannelGone([first, second, getter]));
        Assert.Equal(["#2: 0 again", "#3: 1 again", "#4: 2 again", "#5: 3 again", "#6: 4 again"], Batch(survivor));
        await NothingFor(firstActor, Counts(queue));
    }

    [Fact]
    public async Task An_exclusive_consumer_is_the_only_one()
    {
        var queue = Start();
        var (only, _) = Consume(queue, exclusive: true);
        foreach (var exclusive in new[] { false, true })
        {
            var (link, refused) = Link(queue, exclusive: exclusive);
            queue.Actor.Tell(new QueueProtocol.Subscribe(link));
            var reason = Assert.IsType<ChannelException>(refused.ExpectMsg<QueueProtocol.SubscribeRefused>().Reason);
            Assert.Equal("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", reason.ReplyText);
        }

        queue.Actor.Tell(new QueueProtocol.ChannelGone([only]));
        Consume(queue);
        Assert.Equal(1, (await Counts(queue)).Consumers);
    }

    [Fact]
    public void A_single_active_consumer_hands_over_when_it_is_cancelled_and_has_settled()
    {
        var queue = Start(arguments: [("x-single-active-consumer", true)]);
        var (a, active) = Consume(queue, prefetch: 1);
        var (_, next) = Consume(queue);
        Publisher.Tell(queue, 0, 1, 2);
        Assert.Equal(["#1: 0"], Batch(active));
        queue.Actor.Tell(new QueueProtocol.Cancel(a));
        Settle(a, Outcome.Ack, 1);
        Assert.Equal(["#1: 1", "#2: 2"], Batch(next));
    }

    [Fact]
    public async Task Get_answers_the_oldest_message_and_how_many_are_left()
    {
        var queue = Start();
        var (holder, _) = Link(queue, getsOnly: true);
        var (noAck, _) = Link(queue, getsOnly: true, noAck: true);
        Publisher.Tell(queue, 0, 1);

        var got = await Get(holder);
        Assert.Equal((true, 0, 1L, 1), (got.Found, Publisher.NumberOf(got.Message), got.Number, got.Left));
        got = await Get(noAck);
        Assert.Equal((true, 1, 0), (got.Found, Publisher.NumberOf(got.Message), got.Left));
        Assert.Equal((false, 0), ((await Get(holder)).Found, (await Get(holder)).Left));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 1, 0), await Counts(queue));
        Settle(holder, Outcome.Ack, 1);
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 0), await Counts(queue));
    }

    [Fact]
    public async Task Purge_answers_how_many_went()
    {
        var queue = Start();
        var (_, consumer) = Consume(queue, prefetch: 1);
        Publisher.Tell(queue, 0, 1, 2);
        Batch(consumer);
        var reply = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(reply));
        Assert.Equal(2, await Soon(reply.Task, "the purge"));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 1, 1), await Counts(queue));
    }

    [Fact]
    public void A_consumer_whose_window_is_full_gets_more_when_it_opens()
    {
        var queue = Start();
        var (link, consumer) = Consume(queue);
        var large = new byte[600_000];
        for (var i = 0; i < 3; i++)
        {
            Publisher.Tell(queue, Message.Create("", "q", [0, 0], large));
        }

        var first = consumer.ExpectMsg<ConsumerProtocol.DeliveryBatch>();
        var second = consumer.ExpectMsg<ConsumerProtocol.DeliveryBatch>();
        Assert.Equal((1L, 2L), (first.FirstNumber, second.FirstNumber));
        consumer.ExpectNoMsg(TimeSpan.FromMilliseconds(30)); // more than 1 MiB is under way

        Assert.True(link.Window!.Grant(first.Bytes));
        queue.Actor.Tell(QueueProtocol.WindowOpened.Instance);
        Assert.Equal(3, consumer.ExpectMsg<ConsumerProtocol.DeliveryBatch>().FirstNumber);
    }

    [Fact]
    public async Task A_fault_in_one_message_refuses_that_one_and_keeps_the_state()
    {
        var queue = Start(arguments: ("x-message-ttl", 60_000));
        Publisher.Tell(queue, 1, 2);
        var refused = await Soon(
            Publisher.Publish(queue, Publisher.Numbered(3), Publisher.Malformed(4), Publisher.Numbered(5)), "the confirm");
        Assert.Equal([2UL], refused);
        ExpectError("queue 'q' in vhost '/'");

        var (_, consumer) = Consume(queue);
        Assert.Equal(["#1: 1", "#2: 2", "#3: 3", "#4: 5"], Batch(consumer));
    }

    [Fact]
    public async Task A_fault_returns_each_reference_once()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        var queue = Start(arguments: ("x-message-ttl", 60_000));
        await Soon(
            Publisher.Publish(queue, InSlab(Publisher.Numbered(3), 0), InSlab(Publisher.Malformed(4), 100), InSlab(Publisher.Numbered(5), 200)),
            "the confirm");
        ExpectError("queue 'q' in vhost '/'");
        Assert.Equal(bias - 1, slab.References); // the refused one; the others are still in the queue

        var reply = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(reply));
        Assert.Equal(2, await Soon(reply.Task, "the purge"));
        Assert.Equal(bias - 3, slab.References);
        slab.Retire();

        Message InSlab(Message message, int offset)
        {
            message.Buffer!.CopyTo(slab.Bytes, offset);
            (message.Buffer, message.Owner, message.Offset) = (slab.Bytes, slab, offset);
            slab.Give();
            return message;
        }
    }
}
