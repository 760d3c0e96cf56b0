using System.Buffers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>Bytes per message: the same on every machine.</summary>
public sealed class QueueBudgetSpec
{
    private const int Batch = 100;
    private const int Rounds = 200;

    private readonly Message[] _messages = [.. Enumerable.Range(0, Batch).Select(i => QueueBench.Numbered(i))];
    private readonly List<QueueConsumer> _touched = [];

    [Theory]
    [InlineData("one consumer", 0)]
    [InlineData("one consumer without acks", 0)]
    [InlineData("one consumer with prefetch and window", 0)]
    [InlineData("three consumers in turn", 0)]
    [InlineData("consumers with priorities", 0)]
    [InlineData("a shared limit", 0)]
    [InlineData("a shared limit that holds one of them back", 32)]
    [InlineData("a limited queue", 0)]
    [InlineData("priorities", 0)]
    [InlineData("a time to live", 0)]
    public void A_batch_of_a_hundred_goes_in_out_and_is_acked_within_its_budget(string scene, long bytesOfBatch)
    {
        var state = new QueueState(LimitsOf(scene));
        foreach (var consumer in ConsumersOf(scene))
        {
            state.ApplySubscribed(consumer);
        }

        Run(state, 50);
        Assert.Equal(bytesOfBatch * Rounds, Least(() => Run(state, Rounds)));
        Assert.Equal((0, 0), (state.Ready, state.Unacked));
    }

    [Fact]
    public void A_get_and_its_ack_allocate_nothing()
    {
        var state = new QueueState(new QueueLimits());
        var holder = new QueueConsumer { Link = new object(), GetsOnly = true };
        GetAll(state, holder, 20);
        Assert.Equal(0, Least(() => GetAll(state, holder, Rounds)));
    }

    /// <summary>Bytes allocated, at the least: a collection that another test causes takes arrays out of the shared pool.</summary>
    private static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static QueueLimits LimitsOf(string scene) => scene switch
    {
        "a limited queue" => new QueueLimits(MaxLength: 1000, MaxBytes: 100_000),
        "priorities" => new QueueLimits(MaxPriority: 9),
        "a time to live" => new QueueLimits(MessageTtl: 60_000),
        _ => new QueueLimits(),
    };

    private static QueueConsumer[] ConsumersOf(string scene)
    {
        var (gate, blocked) = (new ChannelGate(), new ChannelGate());
        gate.Set(limit: 1000);
        blocked.Set(limit: 10);
        return scene switch
        {
            "one consumer without acks" => [Consumer(noAck: true)],
            "one consumer with prefetch and window" => [Consumer(prefetch: 200, window: new DeliveryWindow(1 << 30))],
            "three consumers in turn" => [Consumer(), Consumer(prefetch: 200), Consumer(noAck: true)],
            "consumers with priorities" => [Consumer(), Consumer(prefetch: 10, priority: 5), Consumer(prefetch: 20, priority: 9)],
            "a shared limit" => [Consumer(gate: gate), Consumer(gate: gate)],
            "a shared limit that holds one of them back" => [Consumer(gate: blocked), Consumer(gate: gate)],
            _ => [Consumer()],
        };
    }

    private static QueueConsumer Consumer(
        int prefetch = 0, int priority = 0, bool noAck = false, ChannelGate? gate = null, DeliveryWindow? window = null) =>
        new() { Link = new object(), Prefetch = prefetch, Priority = priority, NoAck = noAck, Gate = gate, Window = window };

    private void Run(QueueState state, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            Enqueue(state);
            state.Deliver(_touched);
            foreach (var consumer in _touched)
            {
                var (first, count) = (consumer.BatchFirst, consumer.BatchCount);
                var batch = consumer.TakeBatch();
                MessageRun.Release(batch.AsSpan(0, count));
                ArrayPool<Message>.Shared.Return(batch, clearArray: true);
                consumer.Window?.Grant(100);
                var settled = state.ApplySettled(consumer, first, first + count - 1, Outcome.Ack);
                consumer.Gate?.Return(settled); // the 32 bytes: whom to tell that there is room again
            }

            _touched.Clear();
        }
    }

    private void Enqueue(QueueState state)
    {
        if (state.TakesWholeBatches)
        {
            state.ApplyEnqueued(_messages);
            return;
        }

        foreach (var message in _messages)
        {
            if (state.DecideEnqueue(message))
            {
                state.ApplyEnqueued(message, 1000);
                state.Expire(1000);
                state.DropOverflow();
            }
        }
    }

    private void GetAll(QueueState state, QueueConsumer holder, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            state.ApplyEnqueued(_messages);
            while (state.TryGet(holder, out _, out var number))
            {
                state.ApplySettled(holder, number, number, Outcome.Ack);
            }
        }
    }
}
