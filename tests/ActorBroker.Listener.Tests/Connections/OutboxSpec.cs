using System.IO.Pipelines;
using ActorBroker.Listener.Connections;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>What a connection's outbox holds.</summary>
public sealed class OutboxSpec
{
    [Fact]
    public void A_closed_one_holds_nothing_whoever_still_writes()
    {
        var outbox = new Outbox(new Pipe().Writer, () => { });
        outbox.Append([1, 2, 3]);
        Assert.NotEqual(0, outbox.Held);
        outbox.Close();
        Assert.Equal(0, outbox.Held);

        outbox.Append([4, 5, 6]); // a heartbeat that was due just then; what it took would count against all others for ever
        Assert.Equal(0, outbox.Held);
    }
}
