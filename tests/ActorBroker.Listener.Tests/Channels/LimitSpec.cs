using System.Buffers.Binary;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Numbers that a client may not go beyond, and what it costs.</summary>
public sealed class LimitSpec() : ListenerSpec("actor-broker.amqp.max-message-size = 1MiB")
{
    [Fact]
    public async Task One_channel_more_than_agreed_closes_the_connection_with_530_and_no_other()
    {
        var bystander = await OpenChannel();
        var client = await Open(new Handshake { ChannelMax = 3 });
        await client.Wire.OpenChannel(1);
        await client.Wire.OpenChannel(2);
        await client.Wire.OpenChannel(3);
        await client.Wire.Send(4, default(ChannelOpen));

        var close = await client.Wire.ExpectConnectionClose();
        Assert.Equal(
            (ReplyCode.NotAllowed, "NOT_ALLOWED - number of channels opened (3) has reached the negotiated channel_max (3)"),
            (close.ReplyCode, close.ReplyText));
        await bystander.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task All_2047_channels_can_be_open_and_used_at_once()
    {
        var client = await Open();
        await client.Wire.SendFlood(Enumerable.Range(1, 2047).SelectMany(n => Frames.Method((ushort)n, default(ChannelOpen))).ToArray());
        for (ushort n = 1; n <= 2047; n++)
        {
            await client.Wire.Expect<ChannelOpenOk>(n);
        }

        await client.Wire.RoundTrip(1);
        await client.Wire.RoundTrip(2047);
        await client.Wire.Send(2048, default(ChannelOpen));
        Assert.Equal(ReplyCode.NotAllowed, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    [Fact]
    public async Task A_number_that_was_closed_can_be_opened_again_and_again()
    {
        var client = await Open(new Handshake { ChannelMax = 1 });
        for (var i = 0; i < 1000; i++)
        {
            await client.Wire.OpenChannel(1);
            await client.Wire.Call<ChannelClose, ChannelCloseOk>(1, new ChannelClose(ReplyCode.Success, "", 0, 0));
        }
    }

    [Theory]
    [InlineData(1_048_577UL)]
    [InlineData(2_147_483_648UL)]
    [InlineData(ulong.MaxValue)]
    public async Task A_larger_message_than_allowed_closes_its_channel_with_406_when_it_is_announced(ulong size)
    {
        var client = await OpenChannel();
        await client.Wire.OpenChannel(2);
        await client.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, size), .. Frames.Body(1, new byte[1000])]);

        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal(
            (ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - message size {size} is larger than configured max size 1048576"),
            (close.ReplyCode, close.ReplyText));
        Assert.Equal((60, 40), (close.ClassId, close.MethodId));
        await client.Wire.RoundTrip(2);
        await client.Wire.OpenChannel(1);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_message_of_just_the_allowed_size_passes_whole()
    {
        var body = new byte[1 << 20];
        new Random(7).NextBytes(body);
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        var sending = client.Wire.SendFlood(Frames.Publish(1, "", "q", body));
        await sending.WaitAsync(WireClient.Patience);

        Assert.Equal(body, (await client.Wire.Get(1, "q"))!.Body);
    }

    [Theory]
    [InlineData(4096u)]
    [InlineData(131072u)]
    public async Task A_frame_that_is_too_large_closes_the_connection_with_501_before_its_payload_comes(uint frameMax)
    {
        var client = await OpenChannel(new Handshake { FrameMax = frameMax });
        var header = new byte[FrameReader.HeaderSize];
        (header[0], header[2]) = (FrameType.Body, 1);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(3), frameMax - FrameReader.Overhead + 1);
        await client.Wire.Send(header);

        Assert.Equal(ReplyCode.FrameError, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(131072)]
    public async Task A_frame_of_just_the_agreed_size_is_taken(int frameMax)
    {
        var client = await OpenChannel(new Handshake { FrameMax = (uint)frameMax });
        await client.Wire.Declare(1, "q");
        var body = new byte[frameMax - FrameReader.Overhead];
        await client.Wire.SendFlood((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, (ulong)body.Length), .. Frames.Body(1, body)]);

        Assert.Equal(body.Length, (await client.Wire.Get(1, "q"))!.Body.Length);
    }

    public static TheoryData<string, byte[], int> Malformed => new()
    {
        { "wrong end octet", Frames.Raw(FrameType.Method, 1, [0, 20, 0, 10, 0], end: 0xCD), 501 },
        { "unknown frame type", Frames.Raw(7, 0, []), 501 },
        { "unknown frame type on a channel", Frames.Raw(0, 1, []), 501 },
        { "method without ids", Frames.Raw(FrameType.Method, 1, [0, 60]), 502 },
        { "method cut off", Frames.Raw(FrameType.Method, 1, [0, 50, 0, 10, 0, 0, 200, 65]), 502 },
        { "unknown class", Frames.Raw(FrameType.Method, 1, [0, 61, 0, 10]), 503 },
        { "unknown method", Frames.Raw(FrameType.Method, 1, [0, 60, 0, 99]), 503 },
        { "method of the broker's side", Frames.Method(1, new BasicGetEmpty()), 503 },
        { "channel that is not open", Frames.Method(9, new QueuePurge("q", false)), 504 },
        { "content on channel 0", Frames.Body(0, [1]), 505 },
        { "body without a header", Frames.Body(1, [1]), 505 },
        { "header without a method", Frames.Header(1, 1), 505 },
        { "body in place of a header", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Body(1, [1])], 505 },
        { "method in place of a header", [.. Frames.PublishMethod(1, "", "q"), .. Frames.PublishMethod(1, "", "q")], 505 },
        { "method in place of a body", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 5), .. Frames.PublishMethod(1, "", "q")], 505 },
        { "header of another class", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 1, classId: 50)], 505 },
        { "heartbeat on a channel", Frames.Raw(FrameType.Heartbeat, 1, []), 505 },
        { "more body than announced", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 1), .. Frames.Body(1, [1, 2])], 501 },
        { "header cut off", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Raw(FrameType.Header, 1, [0, 60, 0, 0, 0])], 502 },
        { "properties cut off", [.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 0, [0x80, 0, 9])], 502 },
        { "channel opened twice", Frames.Method(1, default(ChannelOpen)), 504 },
        { "immediate", Frames.PublishMethod(1, "", "q", immediate: true), 540 },
        { "start-ok again", Frames.Method(0, new Handshake().StartOk), 504 },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_not_AMQP_closes_the_connection_with_the_code_for_it(string what, byte[] bytes, int code)
    {
        var client = await OpenChannel();
        await client.Wire.Send(bytes);

        Assert.Equal((what, code), (what, (int)(await client.Wire.ExpectConnectionClose()).ReplyCode));
        await client.Ended();
        await OthersAreServed();
    }
}
