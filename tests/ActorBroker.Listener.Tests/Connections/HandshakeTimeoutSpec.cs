using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>Who does not finish the handshake in time is cut off, however far it got and however busy it looks.</summary>
public sealed class HandshakeTimeoutSpec() : VirtualTimeSpec("actor-broker.amqp.handshake-timeout = 10s")
{
    private static readonly TimeSpan AlmostUp = TimeSpan.FromMilliseconds(9900);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_client_that_stops_on_its_way_in_is_cut_off_after_ten_seconds(int steps)
    {
        var handshake = new Handshake();
        byte[][] way = ["AMQ"u8.ToArray(), [.. "P"u8, 0, 0, 9, 1], Frames.Method(0, handshake.StartOk), Frames.Method(0, handshake.TuneOk)];
        var client = Connect();
        foreach (var step in way.Take(steps))
        {
            await client.Wire.Send(step);
        }

        await Eventually(() => client.Connection.Reads >= 1 || steps == 0, "the broker to read");
        await Pass(AlmostUp, client);
        Assert.False(client.Run.IsCompleted);
        await Pass(Rest, client);

        await client.Ended();
        Assert.DoesNotContain(await client.Wire.ReadToEnd(), f => f.MethodId == ConnectionOpenOk.Id);
    }

    [Fact]
    public async Task A_slow_trickle_of_bytes_does_not_renew_the_time()
    {
        var client = Connect();
        var startOk = Frames.Method(0, new Handshake().StartOk);
        await client.Wire.Send(Frames.ProtocolHeader);
        for (var second = 0; second < 9; second++)
        {
            await client.Wire.Send(startOk.AsMemory(second, 1));
            await Pass(TimeSpan.FromSeconds(1), client);
        }

        Assert.False(client.Run.IsCompleted);
        await Pass(TimeSpan.FromSeconds(1.1), client);
        await client.Ended();
    }

    [Fact]
    public async Task Once_in_a_client_may_be_silent_if_it_agreed_to_no_heartbeat()
    {
        var client = await OpenChannel(new Handshake { Heartbeat = 0 });

        await Pass(TimeSpan.FromDays(1), client);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_client_that_says_goodbye_and_does_not_read_what_waits_for_it_is_cut_off_after_ten_seconds()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q", exclusive: true);
        await client.Wire.SendFlood(Frames.Publish(1, "", "q", new byte[500_000]));
        await client.Wire.Send(1, new BasicGet("q", NoAck: true));
        await client.Wire.Send(0, new ConnectionClose(Amqp.ReplyCode.Success, "bye", 0, 0));
        await Eventually(() => Broker.FindVirtualHost("/")!.FindQueue("q") is null, "the broker to hear the goodbye");

        await Pass(TimeSpan.FromSeconds(5), client);
        Assert.False(client.Run.IsCompleted);
        for (var more = 0; more < 5000 && !client.Run.IsCompleted; more++) // the ten seconds start a moment after the goodbye
        {
            await Pass(TimeSpan.FromSeconds(1), client);
            await Task.Yield();
        }

        await client.Ended();
    }

    [Fact]
    public async Task A_client_that_does_not_answer_connection_close_is_cut_off_after_ten_seconds()
    {
        var client = await Open();
        await client.Wire.Send(5, default(ChannelCloseOk)); // harmless
        await client.Wire.Send(5, new QueuePurge("q", NoWait: false)); // on a channel that is not open
        await client.Wire.Expect<ConnectionClose>(0);
        await Pass(TimeSpan.FromSeconds(9.9), client);
        Assert.False(client.Run.IsCompleted);
        await Pass(TimeSpan.FromSeconds(0.2), client);

        await client.Ended();
    }
}
