using ActorBroker.Listener.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>A publisher that memory holds back cannot show signs of life: its socket is not read.</summary>
public sealed class HeartbeatUnderAlarmSpec() : VirtualTimeSpec("actor-broker.memory { high-watermark = 16MiB, check-interval = 1m }")
{
    [Fact]
    public async Task A_client_that_memory_holds_back_is_not_called_silent()
    {
        var client = await OpenChannel(new Handshake { Heartbeat = 10, Capabilities = [] });
        await client.Wire.Declare(1, "q");
        Broker.Memory.Measured(long.MaxValue);
        await client.Wire.Publish(1, "q", "during");
        await Eventually(() => client.Connection.IsHeldBack, "the publisher to be held back");

        await Pass(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), client);
        Assert.False(client.Socket.WasAborted);
        await Sys.ActorSelection("/user/actor-broker-memory-watch").Ask<ActorIdentity>(new Identify(1), WireClient.Patience); // has measured for the last time
        Broker.Memory.Measured(0);
        await Eventually(() => !client.Connection.IsHeldBack, "the publisher to go on");
        await client.Wire.RoundTrip(1);
    }
}
