using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using CsCheck;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>
/// Random histories of a queue with a log and little memory against lists, with crashes between. After each step: the order holds
/// although the tail is in the log only, what waits is what is in memory and what is stored, every message leaves the log exactly
/// once and not before it has left the queue, and the memory is counted right.
/// </summary>
public sealed class DurableQueueStateSpec
{
    private static readonly Gen<List<Step>> History =
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000], (kind, a, b, c) => new Step(kind, a, b, c))
            .List[0, 120];

    private static readonly QueueLimits[] AllLimits =
    [
        new(),
        new(MaxLength: 20),
        new(MaxBytes: 200, CountUnacked: true),
        new(MessageTtl: 60),
        new(MaxPriority: 3),
        new(MaxPriority: 2, MessageTtl: 90),
        new(SingleActiveConsumer: true, DeliveryLimit: 1),
    ];

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, AllLimits.Length)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Law_a_queue_with_a_log_does_what_lists_do(int limits) =>
        History.Sample(steps => new DurableQueueHistory(AllLimits[limits]).Play(steps), iter: 300);

    [Fact]
    public void What_comes_while_the_head_is_full_is_in_the_log_only()
    {
        var queue = new QueueState(new QueueLimits()) { Window = 300 };
        Assert.False(queue.IsPaging);
        queue.ApplyEnqueued([Of(1), Of(2), Of(3), Of(4)]);
        Assert.False(queue.IsPaging);
        queue.ApplyEnqueued([Of(5)]);
        Assert.True(queue.IsPaging);
        queue.ApplyStored([Of(6), Of(7)]);
        Assert.Equal((7, 2, 5 * 65), (queue.Ready, queue.Stored, queue.Resident));
        Assert.False(queue.WantsMore(asked: true)); // the head is full
        var getter = new QueueConsumer { Link = new object(), GetsOnly = true, NoAck = true };
        for (var i = 1; i <= 3; i++)
        {
            Assert.True(queue.TryGet(getter, out _, out _));
        }

        Assert.False(queue.WantsMore(asked: false)); // nobody wants them
        Assert.True(queue.WantsMore(asked: true));
        Assert.True(queue.IsPaging); // what comes now stands behind what is stored
        queue.ApplyLoaded(Of(6), 0);
        queue.ApplyLoaded(Of(7), 0);
        Assert.False(queue.IsPaging || queue.WantsMore(asked: true));
        Assert.Equal([4, 5, 6, 7], Enumerable.Range(0, 4).Select(i => queue.TryGet(getter, out var m, out _) ? QueueBench.NumberOf(m) : 0));
        Assert.Equal((0, 0L), (queue.Ready, queue.Resident));
    }

    [Fact]
    public void An_empty_head_is_looked_at_although_nobody_asks()
    {
        var queue = new QueueState(new QueueLimits(MessageTtl: 10)) { Window = 300 };
        queue.ApplyRecovered(2, 2);
        Assert.True(queue.WantsMore(asked: false)); // else nothing would expire
        queue.ApplyLoaded(Of(1), enqueued: -100);
        Assert.False(queue.WantsMore(asked: false));
        queue.Expire(1);
        Assert.True(queue.HasLeaving);
        Assert.True(queue.WantsMore(asked: false));
    }

    [Fact]
    public void Messages_that_the_log_has_lost_are_counted_once()
    {
        var queue = new QueueState(new QueueLimits(MaxPriority: 2));
        queue.ApplyRecovered(3, 30);
        queue.ApplyLoaded(Of(1), 0);
        Assert.False(queue.HasHead); // a higher one may follow
        Assert.Equal(2, queue.ApplyAllLoaded());
        Assert.Equal(0, queue.ApplyAllLoaded());
        Assert.True(queue.HasHead);
        Assert.Equal((1, 0, 1L), (queue.Ready, queue.Stored, queue.ReadyBytes));
    }

    private static Message Of(int number)
    {
        var message = QueueBench.Numbered(number);
        message.Sequence = number;
        return message;
    }
}
