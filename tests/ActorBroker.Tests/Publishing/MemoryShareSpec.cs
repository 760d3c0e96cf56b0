using ActorBroker.Publishing;

namespace ActorBroker.Tests.Publishing;

/// <summary>What all connections hold together.</summary>
public sealed class MemoryShareSpec
{
    private const long Usual = 8 << 20;

    private const long Share = 100 << 20;

    [Fact]
    public void Each_may_hold_its_own_bound_until_the_share_is_taken()
    {
        var share = new MemoryShare(Share);
        share.Add(Share);
        Assert.Equal(Usual, share.LimitOf(Usual));
        share.Add(1);
        Assert.Equal(MemoryShare.WhenUsedUp, share.LimitOf(Usual));
        Assert.Equal(100, share.LimitOf(100));
        share.Add(-1);
        Assert.Equal(Usual, share.LimitOf(Usual));
    }

    [Fact]
    public async Task A_connection_that_holds_more_waits_until_it_holds_half_of_that()
    {
        var share = new MemoryShare(Share);
        var others = new InFlight(long.MaxValue, share);
        var one = new InFlight(Usual, share);
        one.Add(1 << 20);
        Assert.False(one.IsFull);
        others.Add(Share);
        Assert.True(one.IsFull);
        var room = one.WhenRoom(CancellationToken.None);
        Assert.False(room.IsCompleted);
        one.Accepted((1 << 20) - (MemoryShare.WhenUsedUp / 2));
        await room.AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
