using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>A consumer that is cancelled, and gives back what it has not begun; and how long it waits with what it could not handle.</summary>
public sealed class CancelSpec
{
    private readonly QueueBench _queue = new(new QueueLimits(SingleActiveConsumer: true));

    [Theory]
    [InlineData(0, "0 1 2 3 4 5")] // it has begun nothing
    [InlineData(1, "1 2 3 4 5")]
    [InlineData(3, "0 1 3 4 5")]
    [InlineData(9, "0 1 2 3 4 5")] // it is settled already
    public void All_but_what_it_has_begun_goes_to_the_next_in_order(long begun, string next)
    {
        var first = _queue.Subscribe("first", prefetch: 3);
        var second = _queue.Subscribe("second");
        _queue.Enqueue(0, 1, 2, 3, 4, 5);
        _queue.Deliver();
        Assert.Equal([0, 1, 2], first.Messages);

        _queue.State.ApplyCancelled(first.State);
        _queue.State.ApplyReturned(first.State, begun);
        if (begun is > 0 and < 9)
        {
            _queue.Deliver();
            Assert.Empty(second.Messages); // what has begun may come back, and would be late
            Assert.Equal(1, first.State.Unacked);
            _queue.Ack(first, begun); // still its own
        }

        _queue.Deliver();
        Assert.Equal(next, string.Join(' ', second.Messages));
        Assert.Equal(0, first.State.Unacked);
        Assert.Equal(second.Messages.Length, _queue.State.Unacked);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(9, 25_600)]
    [InlineData(10, 30_000)]
    [InlineData(64, 30_000)]
    [InlineData(int.MaxValue, 30_000)]
    public void A_pause_doubles_up_to_the_longest(int tries, int milliseconds) => Assert.Equal(
        TimeSpan.FromMilliseconds(milliseconds), RetryPause.After(tries, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)));

    [Fact]
    public void No_first_pause_is_none_at_all() => Assert.Equal(TimeSpan.Zero, RetryPause.After(50, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
}
