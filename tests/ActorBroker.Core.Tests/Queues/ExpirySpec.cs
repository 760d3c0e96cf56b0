using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>x-message-ttl and the expiration of single messages.</summary>
public sealed class ExpirySpec
{
    private readonly QueueBench _queue = new();

    [Fact]
    public void A_burst_is_expired_and_dropped_in_steps()
    {
        var state = new QueueState(new QueueLimits(MaxLength: 2000));
        for (var i = 0; i < 3000; i++)
        {
            state.ApplyEnqueued(QueueBench.Numbered(i, expiration: "1000"), now: 1);
        }

        Assert.Equal(300, state.DropOverflow(most: 300));
        Assert.True(state.IsOverflowing);
        Assert.Equal(700, state.DropOverflow());
        Assert.False(state.IsOverflowing);

        Assert.Equal(500, state.Expire(now: 1001, most: 500));
        Assert.True(state.NextExpiry <= 1001);
        Assert.Equal(2500, state.Expire(now: 1001)); // a thousand of them had gone already
        Assert.Equal((0, null), (state.Ready, state.NextExpiry));
        var leaving = new List<Leaving>();
        state.TakeLeaving(leaving, most: 1200);
        Assert.Equal(1200, leaving.Count);
        Assert.True(state.HasLeaving);
        state.TakeLeaving(leaving);
        Assert.Equal(3000, leaving.Count);
    }

    [Fact]
    public void Expires_exactly_on_time_even_behind_one_that_lives_longer()
    {
        _queue.EnqueueOne(0, expiration: "60000");
        _queue.EnqueueOne(1, expiration: "100");
        _queue.EnqueueOne(2);
        Assert.Equal(_queue.Now + 100, _queue.State.NextExpiry);

        Pass(99);
        Assert.Empty(_queue.Left());
        Pass(1);
        Assert.Equal(["1 Expired"], _queue.Left());
        Assert.Equal(2, _queue.State.Ready);
        Pass(59_900);
        Assert.Equal(["0 Expired"], _queue.Left());
        Assert.Null(_queue.State.NextExpiry);
        Assert.Equal([2], _queue.Drain());
    }

    [Theory]
    [InlineData("50", 50)]
    [InlineData("200", 100)]
    [InlineData(null, 100)]
    [InlineData("0", 0)]
    public void The_shorter_of_queue_and_message_counts(string? expiration, int expected)
    {
        var queue = new QueueBench(new QueueLimits(MessageTtl: 100));
        queue.EnqueueOne(0, expiration: expiration);
        if (expected > 0)
        {
            queue.Now += expected - 1;
            queue.State.Expire(queue.Now);
            Assert.Empty(queue.Left());
            queue.Now++;
            queue.State.Expire(queue.Now);
        }

        Assert.Equal(["0 Expired"], queue.Left());
    }

    [Fact]
    public void A_message_in_the_middle_leaves_and_the_order_of_the_others_stays()
    {
        for (var i = 0; i < 40; i++)
        {
            _queue.EnqueueOne(i, expiration: i % 3 == 1 ? "10" : null);
        }

        Pass(10);
        Assert.Equal(Enumerable.Range(0, 40).Where(i => i % 3 == 1).Select(i => $"{i} Expired"), _queue.Left());
        Assert.Equal(27, _queue.State.Ready);
        Assert.Equal(7 + (2 * 20), _queue.State.ReadyBytes); // numbers from 10 on have two digits
        var consumer = _queue.Subscribe();
        _queue.Deliver();
        Assert.Equal(Enumerable.Range(0, 40).Where(i => i % 3 != 1), consumer.Messages);
    }

    [Fact]
    public void A_delivered_message_does_not_expire()
    {
        var consumer = _queue.Subscribe();
        _queue.EnqueueOne(0, expiration: "10");
        _queue.Deliver();
        Pass(1000);
        Assert.Empty(_queue.Left());
        Assert.Equal(1, consumer.State.Unacked);
        _queue.Ack(consumer, 1);
        Assert.Empty(_queue.Left());
    }

    [Fact]
    public void A_message_that_comes_back_keeps_its_time()
    {
        var holder = QueueBench.Getter();
        _queue.EnqueueOne(0, expiration: "100");
        _queue.Get(holder);
        Pass(60);
        _queue.Requeue(holder, 1);
        Pass(39);
        Assert.Empty(_queue.Left());
        Pass(1);
        Assert.Equal(["0 Expired"], _queue.Left());
        Assert.Equal(0, _queue.State.Ready);
    }

    [Fact]
    public void A_message_whose_time_was_up_while_it_was_held_expires_when_it_comes_back()
    {
        var holder = QueueBench.Getter();
        _queue.EnqueueOne(0, expiration: "100");
        _queue.Get(holder);
        Pass(500);
        _queue.Gone(holder);
        Assert.NotNull(_queue.State.NextExpiry);
        Pass(0);
        Assert.Equal(["0 Expired"], _queue.Left());
    }

    [Fact]
    public void A_message_that_was_delivered_twice_expires_once()
    {
        var holder = QueueBench.Getter();
        _queue.EnqueueOne(0, expiration: "100");
        for (var i = 1; i <= 5; i++)
        {
            _queue.Get(holder);
            _queue.Requeue(holder, i);
        }

        Pass(100);
        Assert.Equal(["0 Expired"], _queue.Left());
        Assert.Equal((0, 0L), (_queue.State.Ready, _queue.State.ReadyBytes));
    }

    [Fact]
    public void Messages_with_and_without_a_time_to_live_mix_in_one_queue()
    {
        _queue.Enqueue(0, 1); // a whole batch, before the lane knew of any expiry
        _queue.EnqueueOne(2, expiration: "10");
        _queue.Enqueue(3, 4);
        Pass(10);
        Assert.Equal(["2 Expired"], _queue.Left());
        _queue.Enqueue(5);
        Assert.Equal([0, 1, 3, 4, 5], _queue.Drain());
    }

    [Fact]
    public void A_purged_message_does_not_expire_in_place_of_a_later_one()
    {
        _queue.EnqueueOne(0, expiration: "10");
        _queue.State.ApplyPurged();
        _queue.EnqueueOne(1);
        Pass(10);
        Assert.Empty(_queue.Left());
        Assert.Equal([1], _queue.Drain());
    }

    [Fact]
    public void Every_priority_has_its_own_times()
    {
        var queue = new QueueBench(new QueueLimits(MaxPriority: 2));
        queue.EnqueueOne(0, priority: 2, expiration: "20");
        queue.EnqueueOne(1, priority: 0, expiration: "10");
        queue.EnqueueOne(2, priority: 9, expiration: "10");
        queue.Now += 10;
        queue.State.Expire(queue.Now);
        Assert.Equal(["1 Expired", "2 Expired"], queue.Left().Order());
        Assert.Equal([0], queue.Drain());
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775000")]
    public void The_longest_time_to_live_is_for_ever(string expiration)
    {
        _queue.EnqueueOne(0, expiration: expiration);
        Assert.Empty(_queue.Left());
        Pass(1_000_000_000_000);
        Assert.Equal([0], _queue.Drain());
    }

    [Fact]
    public void What_has_left_before_its_time_costs_no_memory_until_then()
    {
        // A day to live and ten million messages a day: the queue must not remember each of them for a day.
        var queue = new QueueBench(new QueueLimits(MessageTtl: 86_400_000));
        var holder = QueueBench.Getter();
        Through(queue, holder, 1, 20_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Through(queue, holder, 20_001, 400_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);

        queue.EnqueueOne(7);
        Assert.Equal(7, queue.Get(holder));
        queue.Requeue(holder, 400_001);
        queue.Now += 86_400_000;
        queue.State.Expire(queue.Now);
        Assert.Equal(["7 Expired"], queue.Left());
    }

    [Fact]
    public void A_message_that_comes_back_again_and_again_costs_no_memory_for_its_time()
    {
        Around(_queue, expiration: "86400000"); // everything is warm
        var without = Around(new QueueBench(), expiration: null);
        var with = Around(new QueueBench(), expiration: "86400000");
        Assert.InRange(with - without, -500_000, 500_000);

        Pass(86_400_000);
        Assert.Equal(["0 Expired"], _queue.Left());

        static long Around(QueueBench queue, string? expiration)
        {
            queue.EnqueueOne(0, expiration: expiration);
            var holder = QueueBench.Getter();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 1; i <= 200_000; i++)
            {
                Assert.True(queue.State.TryGet(holder.State, out _, out var number));
                queue.Requeue(holder, number);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static void Through(QueueBench queue, BenchConsumer holder, int from, int to)
    {
        var message = QueueBench.Numbered(0);
        for (var i = from; i <= to; i++)
        {
            queue.State.ApplyEnqueued(message, queue.Now);
            Assert.True(queue.State.TryGet(holder.State, out _, out var number));
            queue.Ack(holder, number);
        }
    }

    private void Pass(long milliseconds)
    {
        _queue.Now += milliseconds;
        _queue.State.Expire(_queue.Now);
    }
}
