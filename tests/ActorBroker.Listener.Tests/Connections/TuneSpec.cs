using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>connection.tune (10, 30) and tune-ok (10, 31): the limits that both sides keep.</summary>
public sealed class TuneSpec : ListenerSpec
{
    [Fact]
    public async Task The_offer_is_2047_channels_frames_of_128_KiB_and_heartbeats_of_60_s() =>
        Assert.Equal(new ConnectionTune(2047, 131072, 60), await Connect().Wire.LogIn(new Handshake()));

    [Theory]
    [InlineData(2047, 4095u, "negotiated frame_max = 4095 is lower than the minimum allowed value (4096)")]
    [InlineData(2047, 1u, "negotiated frame_max = 1 is lower than the minimum allowed value (4096)")]
    [InlineData(2047, 131073u, "negotiated frame_max = 131073 is higher than the maximum allowed value (131072)")]
    [InlineData(2047, 0u, "negotiated frame_max = 0 is higher than the maximum allowed value (131072)")]
    [InlineData(2048, 131072u, "negotiated channel_max = 2048 is higher than the maximum allowed value (2047)")]
    [InlineData(0, 131072u, "negotiated channel_max = 0 is higher than the maximum allowed value (2047)")]
    public async Task Limits_outside_the_offer_are_refused_with_530(ushort channelMax, uint frameMax, string text)
    {
        var client = Connect();
        await client.Wire.Enter(new Handshake { ChannelMax = channelMax, FrameMax = frameMax });

        var close = await client.Wire.ExpectConnectionClose();
        Assert.Equal((ReplyCode.NotAllowed, $"NOT_ALLOWED - {text}"), (close.ReplyCode, close.ReplyText));
        await client.Ended();
    }

    [Theory]
    [InlineData(4096u)]
    [InlineData(8192u)]
    [InlineData(131072u)]
    public async Task No_frame_from_the_broker_is_larger_than_agreed(uint frameMax)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i} ")));
        var client = await OpenChannel(new Handshake { FrameMax = frameMax });
        var queue = (await client.Wire.Declare(1, "", exclusive: true)).Queue;
        await client.Wire.Consume(1, queue, noAck: true);
        await client.Wire.SendFlood(Frames.Publish(1, "", queue, body, frameMax: frameMax));

        await client.Wire.Expect<BasicDeliver>(1);
        var header = await client.Wire.Read("the content header");
        Assert.Equal(FrameType.Header, header!.Type);
        var received = new List<byte>();
        while (received.Count < body.Length)
        {
            var piece = await client.Wire.Read("a body frame");
            Assert.InRange(piece!.Payload.Length + FrameReader.Overhead, 1, (int)frameMax);
            received.AddRange(piece.Payload);
        }

        Assert.Equal(body, received);
    }
}
