using System.Buffers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>What holds deliveries back: the bytes under way to a socket, and what the consumers of one channel share.</summary>
public sealed class BackPressureSpec
{
    private readonly QueueBench _queue = new();

    [Fact]
    public void A_closed_window_stops_the_consumer_until_bytes_are_granted()
    {
        var cost = QueueBench.Numbered(0).Length + DeliveryWindow.PerMessage;
        var window = new DeliveryWindow(2 * cost);
        var consumer = _queue.Subscribe(window: window);
        _queue.Enqueue(0, 1, 2, 3, 4);
        _queue.Deliver();
        Assert.Equal([0, 1], consumer.Messages);

        Assert.True(window.Grant(cost)); // the queue waits for this
        _queue.Deliver();
        Assert.Equal([0, 1, 2], consumer.Messages);

        Assert.True(window.Grant(10 * cost));
        _queue.Deliver();
        Assert.Equal([0, 1, 2, 3, 4], consumer.Messages);
        Assert.False(window.Grant(cost)); // nobody waits
    }

    [Fact]
    public void A_message_larger_than_the_window_goes_out_alone()
    {
        var window = new DeliveryWindow(10);
        var consumer = _queue.Subscribe(window: window);
        _queue.EnqueueOne(0, size: 1000);
        _queue.EnqueueOne(1);
        _queue.Deliver();
        Assert.Equal([0], consumer.Messages);

        window.Grant(2000);
        _queue.Deliver();
        Assert.Equal([0, 1], consumer.Messages);
    }

    [Fact]
    public void A_closed_window_leaves_the_messages_to_other_consumers()
    {
        var stuck = _queue.Subscribe("stuck", window: new DeliveryWindow(1));
        var other = _queue.Subscribe("other");
        _queue.Enqueue(0, 1, 2, 3);
        _queue.Deliver();
        Assert.Equal([0], stuck.Messages);
        Assert.Equal([1, 2, 3], other.Messages);
    }

    [Fact]
    public void A_deep_backlog_does_not_make_a_batch_larger_than_what_the_window_lets_pass()
    {
        var window = new DeliveryWindow(100_000);
        var consumer = _queue.Subscribe(window: window);
        _queue.Enqueue([.. Enumerable.Range(0, 200_000)]);
        var touched = new List<QueueConsumer>();
        _queue.State.Deliver(touched);

        var count = consumer.State.BatchCount;
        var batch = consumer.State.TakeBatch();
        Assert.InRange(count, 900, 1300);
        Assert.InRange(batch.Length, count, 4096); // a batch is cleared and copied as a whole
        ArrayPool<Message>.Shared.Return(batch, clearArray: true);
    }

    [Fact]
    public void Consumers_of_one_channel_share_its_limit()
    {
        var gate = new ChannelGate();
        gate.Set(limit: 3);
        var (a, b) = (_queue.Subscribe("a", gate: gate), _queue.Subscribe("b", gate: gate));
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();
        Assert.Equal(3, a.State.Unacked + b.State.Unacked);
        Assert.Equal([0, 2], a.Messages);
        Assert.Equal([1], b.Messages);

        _queue.Ack(a, 1);
        _queue.Deliver();
        Assert.Equal(3, a.State.Unacked + b.State.Unacked);
        Assert.Equal(2, _queue.State.Ready);
    }

    [Fact]
    public void A_channel_at_its_limit_leaves_the_messages_to_other_channels()
    {
        var gate = new ChannelGate();
        gate.Set(limit: 1);
        var held = _queue.Subscribe("held", gate: gate);
        var other = _queue.Subscribe("other", gate: new ChannelGate());
        _queue.Enqueue(0, 1, 2, 3);
        _queue.Deliver();
        Assert.Equal([0], held.Messages);
        Assert.Equal([1, 2, 3], other.Messages);
    }

    [Fact]
    public void While_a_channel_is_held_back_priority_counts_among_the_others()
    {
        var gate = new ChannelGate();
        gate.Set(limit: 1);
        var held = _queue.Subscribe("held", priority: 10, gate: gate);
        var low = _queue.Subscribe("low");
        var high = _queue.Subscribe("high", priority: 5);
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();

        Assert.Equal([0], held.Messages);
        Assert.Equal([1, 2, 3, 4, 5], high.Messages);
        Assert.Empty(low.Messages);
    }

    [Fact]
    public void While_a_channel_is_held_back_the_others_take_turns()
    {
        var gate = new ChannelGate();
        gate.Set(paused: true);
        _queue.Subscribe("held", gate: gate);
        var (b, c) = (_queue.Subscribe("b"), _queue.Subscribe("c"));
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();
        Assert.Equal([0, 2, 4], b.Messages);
        Assert.Equal([1, 3, 5], c.Messages);
    }

    [Fact]
    public void A_single_active_consumer_that_is_held_back_lets_nobody_else_in()
    {
        var queue = new QueueBench(new QueueLimits(SingleActiveConsumer: true));
        var gate = new ChannelGate();
        gate.Set(limit: 1);
        var active = queue.Subscribe("active", gate: gate);
        var next = queue.Subscribe("next");
        queue.Enqueue(0, 1);
        queue.Deliver();
        Assert.Equal([0], active.Messages);
        Assert.Empty(next.Messages);
    }

    [Fact]
    public void Deliveries_before_a_limit_was_set_count_towards_it()
    {
        var gate = new ChannelGate();
        var (alone, queue) = (_queue.Subscribe("alone", gate: gate), _queue);
        queue.Enqueue(0, 1);
        queue.Deliver();
        gate.Set(limit: 3);
        queue.Enqueue(2, 3, 4);
        queue.Deliver();
        Assert.Equal([0, 1, 2], alone.Messages);

        queue.Ack(alone, 1, 3);
        queue.Deliver();
        Assert.Equal([0, 1, 2, 3, 4], alone.Messages);
    }

    [Fact]
    public void Deliveries_in_turn_before_a_limit_was_set_count_towards_it()
    {
        var gate = new ChannelGate();
        var (a, b) = (_queue.Subscribe("a", gate: gate), _queue.Subscribe("b", gate: gate));
        _queue.Enqueue(0, 1);
        _queue.Deliver();
        gate.Set(limit: 2);
        _queue.Enqueue(2);
        _queue.Deliver();
        Assert.Equal(1, _queue.State.Ready);
        Assert.Equal([0], a.Messages);
        Assert.Equal([1], b.Messages);
    }

    [Fact]
    public void A_paused_channel_gets_nothing_with_or_without_acks()
    {
        var gate = new ChannelGate();
        gate.Set(paused: true);
        var (a, b) = (_queue.Subscribe("a", gate: gate), _queue.Subscribe("b", noAck: true, gate: gate));
        _queue.Enqueue(0, 1, 2, 3);
        _queue.Deliver();
        Assert.Equal(4, _queue.State.Ready);

        Assert.Equal(2, gate.Set(paused: false).Length);
        _queue.Deliver();
        Assert.Equal([0, 2], a.Messages);
        Assert.Equal([1, 3], b.Messages);
    }

    [Fact]
    public void A_no_ack_consumer_takes_no_place_of_the_shared_limit()
    {
        var gate = new ChannelGate();
        gate.Set(limit: 1);
        var consumer = _queue.Subscribe(noAck: true, gate: gate);
        _queue.Enqueue(0, 1, 2);
        _queue.Deliver();
        Assert.Equal([0, 1, 2], consumer.Messages);
        Assert.True(gate.TryTake(new object(), counted: true));
    }
}
