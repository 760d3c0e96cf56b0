using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>x-max-priority.</summary>
public sealed class PrioritySpec
{
    private readonly QueueBench _queue = new(new QueueLimits(MaxPriority: 5));

    [Fact]
    public void Higher_ones_go_first_a_priority_above_the_highest_counts_as_the_highest_and_none_is_zero()
    {
        byte[] priorities = [1, 3, 5, 9, 0];
        for (var i = 0; i < priorities.Length; i++)
        {
            _queue.EnqueueOne(priorities[i], priority: priorities[i]);
        }

        Assert.Equal([5, 9, 3, 1, 0], _queue.Drain());
    }

    [Fact]
    public void Within_one_priority_they_go_first_in_first_out()
    {
        for (var i = 0; i < 30; i++)
        {
            _queue.EnqueueOne(i, priority: (byte)(i % 3));
        }

        Assert.Equal(
            Enumerable.Range(0, 30).GroupBy(i => i % 3).OrderByDescending(g => g.Key).SelectMany(g => g), _queue.Drain());
    }

    [Fact]
    public void A_returned_message_goes_to_its_old_place_within_its_priority()
    {
        for (var i = 0; i < 4; i++)
        {
            _queue.EnqueueOne(i, priority: (byte)(i < 2 ? 2 : 7));
        }

        var holder = QueueBench.Getter();
        Assert.Equal(2, _queue.Get(holder));
        Assert.Equal(3, _queue.Get(holder));
        Assert.Equal(0, _queue.Get(holder));
        _queue.EnqueueOne(4, priority: 5);
        _queue.Gone(holder);
        Assert.Equal([2, 3, 4, 0, 1], _queue.Drain());
    }

    [Fact]
    public void A_full_queue_drops_from_its_head_which_is_the_highest_priority()
    {
        var queue = new QueueBench(new QueueLimits(MaxPriority: 5, MaxLength: 2));
        queue.EnqueueOne(0, priority: 1);
        queue.EnqueueOne(1, priority: 5);
        queue.EnqueueOne(2, priority: 1);
        Assert.Equal(["1 MaxLength"], queue.Left());
        Assert.Equal([0, 2], queue.Drain());
    }

    [Fact]
    public void Without_priorities_the_property_means_nothing()
    {
        var queue = new QueueBench();
        queue.EnqueueOne(0, priority: 1);
        queue.EnqueueOne(1, priority: 255);
        Assert.Equal([0, 1], queue.Drain());
    }

    [Fact]
    public void Without_priorities_a_batch_keeps_its_order_when_parts_of_it_come_back()
    {
        var queue = new QueueBench();
        queue.State.ApplyEnqueued([QueueBench.Numbered(0, priority: 3), QueueBench.Numbered(1, priority: 9), QueueBench.Numbered(2)]);
        var consumer = queue.Subscribe();
        queue.Deliver();
        queue.Gone(consumer);
        Assert.Equal([0, 1, 2], queue.Drain());
    }

    [Fact]
    public void All_256_priorities_are_served()
    {
        var queue = new QueueBench(new QueueLimits(MaxPriority: 255));
        for (var i = 0; i < 256; i++)
        {
            queue.EnqueueOne(i, priority: (byte)i);
        }

        Assert.Equal(Enumerable.Range(0, 256).Reverse(), queue.Drain());
    }

    [Fact]
    public void Consumers_take_turns_over_priorities()
    {
        var (a, b) = (_queue.Subscribe("a"), _queue.Subscribe("b"));
        for (var i = 0; i < 4; i++)
        {
            _queue.EnqueueOne(i, priority: (byte)i);
        }

        _queue.Deliver();
        Assert.Equal([3, 1], a.Messages);
        Assert.Equal([2, 0], b.Messages);
    }
}
