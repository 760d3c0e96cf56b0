using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>x-max-length, x-max-length-bytes and x-overflow.</summary>
public sealed class QueueLimitsSpec
{
    [Fact]
    public void Drop_head_drops_the_oldest()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 3));
        for (var i = 0; i < 6; i++)
        {
            Assert.True(queue.EnqueueOne(i));
        }

        Assert.Equal(["0 MaxLength", "1 MaxLength", "2 MaxLength"], queue.Left());
        Assert.Equal([3, 4, 5], queue.Drain());
    }

    [Fact]
    public void Reject_publish_refuses_the_newest()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 3, Overflow: QueueOverflow.RejectPublish));
        Assert.Equal([true, true, true, false, false, false], Enumerable.Range(0, 6).Select(i => queue.EnqueueOne(i)));
        Assert.Empty(queue.Left());
        Assert.Equal([0, 1, 2], queue.Drain());
    }

    [Fact]
    public void Reject_publish_dlx_refuses_the_newest_and_dead_letters_it()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 1, Overflow: QueueOverflow.RejectPublishDeadLetter));
        Assert.True(queue.EnqueueOne(0));
        Assert.False(queue.EnqueueOne(1));
        Assert.Equal(["1 MaxLength"], queue.Left());
        Assert.Equal([0], queue.Drain());
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(9, new[] { 2 })]
    [InlineData(14, new[] { 2 })]
    [InlineData(15, new[] { 1, 2 })]
    [InlineData(30, new[] { 0, 1, 2 })]
    public void Bytes_of_bodies_are_limited_too(int maxBytes, int[] stay)
    {
        var queue = new QueueBench(new QueueLimits(MaxBytes: maxBytes));
        queue.EnqueueOne(0, size: 10);
        queue.EnqueueOne(1, size: 6);
        queue.EnqueueOne(2, size: 9);
        Assert.Equal(stay, queue.Drain());
    }

    [Fact]
    public void A_message_that_would_not_fit_by_bytes_is_refused_and_a_smaller_one_is_taken()
    {
        var queue = new QueueBench(new QueueLimits(MaxBytes: 10, Overflow: QueueOverflow.RejectPublish));
        Assert.True(queue.EnqueueOne(0, size: 6));
        Assert.False(queue.EnqueueOne(1, size: 5));
        Assert.True(queue.EnqueueOne(2, size: 4));
        Assert.False(queue.EnqueueOne(3));
        Assert.Equal([0, 2], queue.Drain());
    }

    [Fact]
    public void Unacked_messages_do_not_count_by_default()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 2, Overflow: QueueOverflow.RejectPublish));
        queue.Subscribe(prefetch: 5);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(queue.EnqueueOne(i));
            queue.Deliver();
        }

        Assert.Equal([true, true, false], Enumerable.Range(5, 3).Select(i => queue.EnqueueOne(i)));
    }

    [Fact]
    public void Unacked_messages_count_when_the_queue_says_so()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 2, Overflow: QueueOverflow.RejectPublish, CountUnacked: true));
        var consumer = queue.Subscribe(prefetch: 1);
        Assert.True(queue.EnqueueOne(0));
        queue.Deliver();
        Assert.True(queue.EnqueueOne(1));
        Assert.False(queue.EnqueueOne(2));

        queue.Ack(consumer, 1);
        Assert.True(queue.EnqueueOne(3));
    }

    [Fact]
    public void Unacked_bytes_count_when_the_queue_says_so()
    {
        var queue = new QueueBench(new QueueLimits(MaxBytes: 10, CountUnacked: true));
        queue.Subscribe(prefetch: 1);
        queue.EnqueueOne(0, size: 8);
        queue.Deliver();
        queue.EnqueueOne(1, size: 2);
        Assert.Empty(queue.Left());
        queue.EnqueueOne(2, size: 1);
        Assert.Equal(["1 MaxLength"], queue.Left());
    }

    [Fact]
    public void A_queue_of_length_zero_keeps_nothing()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 0));
        queue.EnqueueOne(0);
        Assert.Equal(["0 MaxLength"], queue.Left());
        Assert.False(new QueueBench(new QueueLimits(MaxLength: 0, Overflow: QueueOverflow.RejectPublish)).EnqueueOne(0));
    }

    [Fact]
    public void What_comes_back_to_a_full_queue_is_the_oldest_and_goes_first()
    {
        var queue = new QueueBench(new QueueLimits(MaxLength: 3));
        var consumer = queue.Subscribe(prefetch: 2);
        for (var i = 0; i < 5; i++)
        {
            queue.EnqueueOne(i);
            queue.Deliver();
        }

        queue.Requeue(consumer, 1, 2);
        queue.State.DropOverflow();
        Assert.Equal(["0 MaxLength", "1 MaxLength"], queue.Left());
        Assert.Equal([2, 3, 4], queue.Drain());
    }

    [Theory]
    [InlineData(QueueOverflow.RejectPublish)]
    [InlineData(QueueOverflow.RejectPublishDeadLetter)]
    public void What_comes_back_to_a_queue_that_rejects_stays_although_it_is_too_long(object each)
    {
        var overflow = (QueueOverflow)each; // no public type: xunit wants public parameters
        var queue = new QueueBench(new QueueLimits(MaxLength: 1, Overflow: overflow));
        var holder = QueueBench.Getter();
        queue.EnqueueOne(0);
        queue.Get(holder);
        queue.EnqueueOne(1);
        queue.Requeue(holder, 1);
        queue.State.DropOverflow();
        Assert.Empty(queue.Left());
        Assert.Equal([0, 1], queue.Drain());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_message_that_comes_back_more_often_than_the_delivery_limit_leaves(int limit)
    {
        var queue = new QueueBench(new QueueLimits(DeliveryLimit: limit));
        var consumer = queue.Subscribe(prefetch: 1);
        queue.Enqueue(0, 1);
        for (var i = 1; i <= limit; i++)
        {
            queue.Deliver();
            queue.Requeue(consumer, i);
            Assert.Empty(queue.Left());
        }

        queue.Deliver();
        queue.Gone(consumer);
        Assert.Equal(["0 DeliveryLimit"], queue.Left());
        Assert.Equal((1, 0), (queue.State.Ready, queue.State.Unacked));
        Assert.Equal([1], queue.Drain());
    }

    [Fact]
    public void Only_a_queue_without_rules_for_single_messages_takes_whole_batches()
    {
        Assert.True(new QueueState(new QueueLimits(SingleActiveConsumer: true)).TakesWholeBatches);
        Assert.False(new QueueState(new QueueLimits(MaxLength: 1)).TakesWholeBatches);
        Assert.False(new QueueState(new QueueLimits(MaxBytes: 1)).TakesWholeBatches);
        Assert.False(new QueueState(new QueueLimits(MessageTtl: 1)).TakesWholeBatches);
        Assert.False(new QueueState(new QueueLimits(MaxPriority: 1)).TakesWholeBatches);
    }
}
