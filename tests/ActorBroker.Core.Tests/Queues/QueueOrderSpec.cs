using System.Runtime.CompilerServices;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>What waits, in which order it goes out, and where it goes when it comes back.</summary>
public sealed class QueueOrderSpec
{
    private readonly QueueBench _queue = new();

    [Fact]
    public void Delivers_first_in_first_out()
    {
        var consumer = _queue.Subscribe();
        _queue.Enqueue(0, 1, 2);
        _queue.Enqueue(3);
        _queue.Deliver();

        Assert.Equal([0, 1, 2, 3], consumer.Messages);
        Assert.Equal([1L, 2, 3, 4], consumer.Got.Select(g => g.Number));
        Assert.All(consumer.Got, g => Assert.False(g.Redelivered));
    }

    [Fact]
    public void Counts_messages_and_bytes_of_bodies_as_they_wait_and_as_they_are_held()
    {
        var consumer = _queue.Subscribe(prefetch: 1);
        _queue.EnqueueOne(0, size: 10);
        _queue.EnqueueOne(1, size: 7);
        Assert.Equal((2, 17L, 0, 0L), Counts());

        _queue.Deliver();
        Assert.Equal((1, 7L, 1, 10L), Counts());

        _queue.Ack(consumer, 1);
        Assert.Equal((1, 7L, 0, 0L), Counts());

        _queue.Deliver();
        _queue.Requeue(consumer, 2);
        Assert.Equal((1, 7L, 0, 0L), Counts());
    }

    [Fact]
    public void A_no_ack_delivery_is_never_held()
    {
        var consumer = _queue.Subscribe(noAck: true, prefetch: 1);
        _queue.Enqueue(0, 1, 2);
        _queue.Deliver();

        Assert.Equal([0, 1, 2], consumer.Messages);
        Assert.Equal([1L, 2, 3], consumer.Got.Select(g => g.Number));
        Assert.Equal((0, 0L, 0, 0L), Counts());
    }

    [Fact]
    public void Requeues_to_the_original_place_and_marks_redelivered()
    {
        var first = _queue.Subscribe("first", prefetch: 3);
        _queue.Enqueue(0, 1, 2, 3, 4);
        _queue.Deliver();
        _queue.Requeue(first, 2);

        _queue.State.ApplyCancelled(first.State);
        var second = _queue.Subscribe("second");
        _queue.Deliver();

        Assert.Equal([(1, true), (3, false), (4, false)], second.Got.Select(g => (g.Message, g.Redelivered)));
    }

    [Fact]
    public void Requeues_in_any_order_to_the_same_places()
    {
        var consumer = _queue.Subscribe(prefetch: 4);
        _queue.Enqueue(0, 1, 2, 3);
        _queue.Deliver();
        foreach (var number in new[] { 3, 1, 4, 2 })
        {
            _queue.Requeue(consumer, number);
        }

        Assert.Equal([0, 1, 2, 3], _queue.Drain());
    }

    [Fact]
    public void Counts_every_return_of_a_message()
    {
        var consumer = _queue.Subscribe();
        _queue.Enqueue(7);
        for (var i = 1; i <= 3; i++)
        {
            _queue.Deliver();
            _queue.Requeue(consumer, i);
        }

        Assert.True(_queue.State.TryGet(QueueBench.Getter().State, out var message, out _));
        Assert.Equal(3, message.DeliveryCount);
    }

    [Fact]
    public void A_settled_number_that_comes_again_is_passed_over()
    {
        var consumer = _queue.Subscribe();
        _queue.Enqueue(0, 1, 2);
        _queue.Deliver();

        Assert.Equal(1, _queue.State.ApplySettled(consumer.State, 2, 2, Outcome.Ack));
        Assert.Equal(2, _queue.State.ApplySettled(consumer.State, 1, 3, Outcome.Ack));
        Assert.Equal(0, _queue.State.ApplySettled(consumer.State, 1, 3, Outcome.Requeue));
        Assert.Equal((0, 0L, 0, 0L), Counts());
    }

    [Fact]
    public void Discarded_messages_leave_as_rejected()
    {
        var consumer = _queue.Subscribe();
        _queue.Enqueue(0, 1, 2);
        _queue.Deliver();
        _queue.Discard(consumer, 1, 2);

        Assert.True(_queue.State.HasLeaving);
        Assert.Equal(["0 Rejected", "1 Rejected"], _queue.Left());
        Assert.False(_queue.State.HasLeaving);
        Assert.Equal(1, _queue.State.Unacked);
    }

    [Fact]
    public void Get_takes_the_oldest_and_its_holder_keeps_it()
    {
        _queue.Enqueue(0, 1);
        var holder = QueueBench.Getter();

        Assert.Equal(0, _queue.Get(holder));
        Assert.Equal(1, _queue.Get(holder));
        Assert.Null(_queue.Get(holder));
        Assert.Equal(2, _queue.State.Unacked);

        _queue.Requeue(holder, 1);
        Assert.Equal([0], _queue.Drain());
        _queue.Ack(holder, 2);
        Assert.Equal((0, 0L, 0, 0L), Counts());
    }

    [Fact]
    public void Get_without_ack_keeps_nothing()
    {
        _queue.Enqueue(0);
        Assert.Equal(0, _queue.Get(QueueBench.Getter(noAck: true)));
        Assert.Equal((0, 0L, 0, 0L), Counts());
    }

    [Fact]
    public void A_holder_of_gets_is_never_handed_a_delivery()
    {
        var holder = QueueBench.Getter();
        _queue.State.ApplySubscribed(holder.State);
        _queue.Enqueue(0);
        _queue.Deliver();
        Assert.Empty(holder.Got);
    }

    [Fact]
    public void Purge_removes_what_waits_and_leaves_what_is_held()
    {
        var consumer = _queue.Subscribe(prefetch: 2);
        _queue.Enqueue(0, 1, 2, 3, 4);
        _queue.Deliver();
        _queue.Requeue(consumer, 1);

        Assert.Equal(4, _queue.State.ApplyPurged());
        Assert.Equal(0, _queue.State.ApplyPurged());
        Assert.Equal(1, _queue.State.Unacked);
        Assert.False(_queue.State.HasLeaving); // purged messages are not dead-lettered

        _queue.Requeue(consumer, 2);
        Assert.Equal([1], _queue.Drain());
    }

    [Fact]
    public void Cancel_stops_deliveries_and_keeps_what_is_held_with_the_channel()
    {
        var consumer = _queue.Subscribe(prefetch: 2);
        _queue.Enqueue(0, 1, 2);
        _queue.Deliver();
        _queue.State.ApplyCancelled(consumer.State);
        _queue.Ack(consumer, 1);
        _queue.Deliver();

        Assert.Equal([0, 1], consumer.Messages);
        Assert.Equal(0, _queue.State.ConsumerCount);
        Assert.Equal((1, 1, 1), (_queue.State.Ready, _queue.State.Unacked, consumer.State.Unacked));
    }

    [Fact]
    public void A_channel_that_is_gone_gives_back_everything_before_anybody_gets_a_delivery()
    {
        var first = _queue.Subscribe("first", prefetch: 2);
        var second = _queue.Subscribe("second", prefetch: 2);
        var getter = QueueBench.Getter();
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();
        Assert.Equal(4, _queue.Get(getter));
        var survivor = _queue.Subscribe("survivor");

        _queue.Gone(first, second, getter);
        _queue.Deliver();

        Assert.Equal([0, 1, 2, 3, 4, 5], survivor.Messages);
        Assert.Equal([true, true, true, true, true, false], survivor.Got.Select(g => g.Redelivered));
        Assert.Equal([survivor.State], _queue.State.Consumers);
    }

    [Fact]
    public void A_consumer_that_is_gone_gets_nothing_back()
    {
        var gone = _queue.Subscribe("gone");
        _queue.Enqueue(0);
        _queue.Deliver();
        _queue.Gone(gone);
        _queue.Deliver();
        _queue.Ack(gone, 1); // an ack that was under way

        Assert.Equal([0], gone.Messages);
        Assert.Equal((1, 0), (_queue.State.Ready, _queue.State.Unacked));
    }

    [Fact]
    public void Knows_whether_it_ever_had_a_consumer()
    {
        Assert.False(_queue.State.WasConsumed);
        var consumer = _queue.Subscribe();
        _queue.State.ApplyCancelled(consumer.State);
        Assert.True(_queue.State.WasConsumed);
        Assert.Equal(0, _queue.State.ConsumerCount);
    }

    [Fact]
    public void Keeps_order_while_its_ring_grows_and_wraps_around()
    {
        var consumer = _queue.Subscribe();
        var next = 0;
        foreach (var count in new[] { 10, 3, 16, 40, 1, 200, 70_000, 5, 31 })
        {
            _queue.Enqueue([.. Enumerable.Range(next, count)]);
            next += count;
            if (count % 2 == 0)
            {
                _queue.Deliver();
            }
        }

        _queue.Deliver();
        Assert.Equal(Enumerable.Range(0, next), consumer.Messages);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("delivery")]
    [InlineData("delivery in turn")]
    [InlineData("requeue and get")]
    [InlineData("expiry")]
    [InlineData("purge")]
    public void What_has_left_is_not_kept_in_memory(string way)
    {
        if (way == "delivery in turn")
        {
            _queue.Subscribe();
        }

        var left = Leave(way);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.All(left, buffer => Assert.False(buffer.IsAlive));
        Assert.Equal((0, 0L, 0, 0L), Counts());
    }

    /// <summary>Ten messages go through the queue; their buffers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference[] Leave(string way)
    {
        var messages = Enumerable.Range(0, 10).Select(i => QueueBench.Numbered(i, expiration: way == "expiry" ? "10" : null)).ToArray();
        foreach (var message in messages)
        {
            _queue.State.ApplyEnqueued(message, _queue.Now);
        }

        var consumer = way.StartsWith("delivery", StringComparison.Ordinal) ? _queue.Subscribe() : QueueBench.Getter();
        _queue.Deliver();
        for (var i = 0; i < 10 && way.EndsWith("get", StringComparison.Ordinal); i++)
        {
            _queue.Get(consumer);
        }

        if (way == "requeue and get")
        {
            _queue.Requeue(consumer, 1, 10);
            _queue.Drain();
        }

        foreach (var state in _queue.State.Consumers.Append(consumer.State))
        {
            _queue.State.ApplySettled(state, 1, 20, Outcome.Ack);
        }

        _queue.State.Expire(_queue.Now + 10);
        _queue.Left();
        _queue.State.ApplyPurged();
        return Array.ConvertAll(messages, m => new WeakReference(m.Buffer));
    }

    private (int Ready, long ReadyBytes, int Unacked, long UnackedBytes) Counts() =>
        (_queue.State.Ready, _queue.State.ReadyBytes, _queue.State.Unacked, _queue.State.UnackedBytes);
}
