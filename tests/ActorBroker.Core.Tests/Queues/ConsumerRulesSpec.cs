using ActorBroker.Amqp;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>Whose turn it is.</summary>
public sealed class ConsumerRulesSpec
{
    private readonly QueueBench _queue = new();

    [Fact]
    public void Nine_messages_go_to_three_consumers_in_turn()
    {
        var (a, b, c) = (_queue.Subscribe("a"), _queue.Subscribe("b"), _queue.Subscribe("c"));
        _queue.Enqueue(0, 1, 2, 3, 4, 5, 6, 7, 8);
        _queue.Deliver();

        Assert.Equal([0, 3, 6], a.Messages);
        Assert.Equal([1, 4, 7], b.Messages);
        Assert.Equal([2, 5, 8], c.Messages);
    }

    [Fact]
    public void The_turn_goes_on_where_it_stopped_when_messages_come_one_by_one()
    {
        var (a, b, c) = (_queue.Subscribe("a"), _queue.Subscribe("b"), _queue.Subscribe("c"));
        for (var i = 0; i < 9; i++)
        {
            _queue.Enqueue(i);
            _queue.Deliver();
        }

        Assert.Equal([0, 3, 6], a.Messages);
        Assert.Equal([1, 4, 7], b.Messages);
        Assert.Equal([2, 5, 8], c.Messages);
    }

    [Theory]
    [InlineData(1, 0, "b 10, c 11")] // the one that had its turn leaves: the next one keeps its own
    [InlineData(1, 1, "c 10, d 11")]
    [InlineData(1, 3, "b 10, c 11")]
    [InlineData(2, 0, "c 10, d 11")]
    [InlineData(2, 1, "c 10, d 11")]
    [InlineData(2, 2, "d 10, a 11")]
    [InlineData(3, 0, "d 10, b 11")]
    [InlineData(4, 3, "a 10, b 11")]
    [InlineData(4, 0, "b 10, c 11")]
    public void A_consumer_that_leaves_does_not_cost_another_its_turn(int served, int leaves, string expected)
    {
        BenchConsumer[] all = [_queue.Subscribe("a"), _queue.Subscribe("b"), _queue.Subscribe("c"), _queue.Subscribe("d")];
        _queue.Enqueue([.. Enumerable.Range(1, served)]);
        _queue.Deliver();

        _queue.State.ApplyCancelled(all[leaves].State);
        _queue.Enqueue(10, 11);
        _queue.Deliver();

        var got = all.SelectMany(c => c.Messages.Where(m => m >= 10).Select(m => (m, $"{c} {m}")));
        Assert.Equal(expected, string.Join(", ", got.OrderBy(g => g.m).Select(g => g.Item2)));
    }

    [Fact]
    public void A_new_consumer_gets_its_share_of_what_still_waits_at_once()
    {
        var first = _queue.Subscribe("first", prefetch: 2);
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();
        var second = _queue.Subscribe("second", prefetch: 3);
        _queue.Deliver();

        Assert.Equal([0, 1], first.Messages);
        Assert.Equal([2, 3, 4], second.Messages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void Never_hands_out_more_than_the_prefetch(int prefetch)
    {
        var consumer = _queue.Subscribe(prefetch: prefetch);
        _queue.Enqueue([.. Enumerable.Range(0, 1000)]);
        _queue.Deliver();
        Assert.Equal(prefetch, consumer.State.Unacked);

        for (var i = 1; i <= 300; i++)
        {
            _queue.Ack(consumer, i);
            _queue.Deliver();
            Assert.Equal(prefetch, consumer.State.Unacked);
        }

        Assert.Equal(Enumerable.Range(0, 300 + prefetch), consumer.Messages);
    }

    [Fact]
    public void A_full_consumer_is_passed_over()
    {
        var (slow, fast) = (_queue.Subscribe("slow", prefetch: 1), _queue.Subscribe("fast", prefetch: 10));
        _queue.Enqueue(0, 1, 2, 3, 4);
        _queue.Deliver();

        Assert.Equal([0], slow.Messages);
        Assert.Equal([1, 2, 3, 4], fast.Messages);
    }

    [Fact]
    public void The_higher_priority_gets_everything_until_it_is_full()
    {
        var low = _queue.Subscribe("low", priority: -1);
        var high = _queue.Subscribe("high", priority: 10, prefetch: 2);
        var middle = _queue.Subscribe("middle", prefetch: 1);
        var alsoHigh = _queue.Subscribe("also high", priority: 10, prefetch: 2);
        _queue.Enqueue(0, 1, 2, 3, 4, 5, 6);
        _queue.Deliver();

        Assert.Equal([0, 2], high.Messages);
        Assert.Equal([1, 3], alsoHigh.Messages);
        Assert.Equal([4], middle.Messages);
        Assert.Equal([5, 6], low.Messages);

        _queue.Ack(high, 1);
        _queue.Enqueue(7, 8);
        _queue.Deliver();
        Assert.Equal([0, 2, 7], high.Messages);
        Assert.Equal([5, 6, 8], low.Messages);
    }

    [Fact]
    public void An_exclusive_consumer_must_be_the_first_and_stays_the_only_one()
    {
        var only = _queue.Subscribe(exclusive: true);
        var refusal = Assert.Throws<ChannelException>(() => _queue.Subscribe());
        Assert.Equal("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", refusal.ReplyText);
        Assert.Equal(((ushort)60, (ushort)20), (refusal.ClassNumber, refusal.MethodNumber));
        Assert.Throws<ChannelException>(() => _queue.Subscribe(exclusive: true));

        _queue.State.ApplyCancelled(only.State);
        _queue.Subscribe();
        Assert.Throws<ChannelException>(() => _queue.Subscribe(exclusive: true));
        Assert.Equal(1, _queue.State.ConsumerCount);
    }

    [Fact]
    public void A_single_active_consumer_gets_everything_and_the_next_follows_in_order()
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var (a, b, c) = (queue.Subscribe("a", prefetch: 2), queue.Subscribe("b"), queue.Subscribe("c"));
        queue.Enqueue(0, 1, 2, 3);
        queue.Deliver();
        Assert.Equal([0, 1], a.Messages); // full, and nobody else steps in
        Assert.Empty(b.Messages);

        queue.Gone(a);
        queue.Deliver();
        Assert.Equal([0, 1, 2, 3], b.Messages);

        queue.Gone(b);
        queue.Deliver();
        Assert.Equal([0, 1, 2, 3], c.Messages);
    }

    [Theory]
    [InlineData("closed", "0 1 2 3")]
    [InlineData("requeued", "0 1 2 3")]
    [InlineData("acked", "2 3")]
    [InlineData("given up", "2 3")]
    public void A_cancelled_single_active_consumer_holds_its_successor_back_while_it_holds_messages(string end, string next)
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var (a, b) = (queue.Subscribe("a", prefetch: 2), queue.Subscribe("b"));
        queue.Enqueue(0, 1, 2, 3);
        queue.Deliver();
        queue.State.ApplyCancelled(a.State);
        queue.Deliver();
        Assert.Empty(b.Messages);
        Assert.True(queue.State.IsHandingOver);

        switch (end)
        {
            case "closed":
                queue.Gone(a);
                break;
            case "requeued":
                queue.Requeue(a, 1, 2);
                break;
            case "acked":
                queue.Ack(a, 1, 2);
                break;
            default:
                queue.State.EndHandover();
                break;
        }

        queue.Deliver();
        Assert.Equal(next.Split(' ').Select(int.Parse), b.Messages);
        Assert.False(queue.State.IsHandingOver);
    }

    [Fact]
    public void A_handover_lasts_until_all_who_were_active_before_have_settled()
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var (a, b, c) = (queue.Subscribe("a", prefetch: 1), queue.Subscribe("b"), queue.Subscribe("c"));
        queue.Enqueue(0, 1);
        queue.Deliver();
        queue.State.ApplyCancelled(a.State);
        queue.State.ApplyCancelled(b.State); // it never got anything
        queue.Deliver();
        Assert.Empty(c.Messages);

        queue.Gone(a);
        queue.Deliver();
        Assert.Equal([0, 1], c.Messages);
    }

    [Fact]
    public void Of_several_that_wait_the_one_of_the_highest_priority_becomes_active_and_nobody_takes_over_from_who_is()
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var (a, b) = (queue.Subscribe("a", prefetch: 2), queue.Subscribe("b"));
        var (c, d) = (queue.Subscribe("c", priority: 9), queue.Subscribe("d", priority: 9));
        queue.Enqueue(0, 1, 2, 3);
        queue.Deliver();
        Assert.Equal([0, 1], a.Messages);

        queue.Gone(a);
        queue.Deliver();
        Assert.Equal([0, 1, 2, 3], c.Messages);
        Assert.Empty(b.Messages.Concat(d.Messages));
    }

    [Fact]
    public void A_queue_with_a_single_active_consumer_refuses_an_exclusive_one()
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var refusal = Assert.Throws<ChannelException>(() => queue.Subscribe(exclusive: true));
        Assert.Equal("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", refusal.ReplyText);
    }
}
