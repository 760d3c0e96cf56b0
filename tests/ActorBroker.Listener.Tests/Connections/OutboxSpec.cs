using System.IO.Pipelines;
using ActorBroker.Listener.Connections;
using ActorBroker.Publishing;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>What a connection's outbox holds.</summary>
public sealed class OutboxSpec
{
    [Fact]
    public void A_closed_one_holds_nothing_whoever_still_writes()
    {
        var outbox = new Outbox(new Pipe().Writer, new MemoryShare(long.MaxValue), () => { });
        outbox.Append([1, 2, 3]);
        Assert.NotEqual(0, outbox.Held);
        outbox.Close();
        Assert.Equal(0, outbox.Held);

        outbox.Append([4, 5, 6]); // a heartbeat that was due just then; what it took would count against all others for ever
        Assert.Equal(0, outbox.Held);
    }

    [Fact]
    public async Task One_that_is_overfull_because_of_the_others_has_room_when_they_have_given_theirs_back()
    {
        var share = new MemoryShare(1 << 20);
        var outbox = new Outbox(new Pipe().Writer, share, () => { });
        share.Add(2 << 20);
        outbox.Append(new byte[100_000]);
        Assert.True(outbox.IsOverfull);
        var room = outbox.WhenRoom();
        share.Add(-(2 << 20));
        Assert.False(outbox.IsOverfull || room.IsCompleted);
        outbox.LookForRoom();
        await room.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
