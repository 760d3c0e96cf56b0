using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>Frames cut anywhere, frames that are broken, frames that are too large.</summary>
public abstract class FramingSpec(Broker broker) : RawSpec(broker)
{
    [ConformanceFact]
    public async Task A_conversation_sent_byte_by_byte_is_understood()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();

        foreach (var octet in FrameBytes.Publish(1, "", queue, "hello"u8))
        {
            await client.Send(octet);
        }

        foreach (var octet in FrameBytes.Method(1, Methods.BasicGet, a => a.Short(0).ShortString(queue).Octet(1)))
        {
            await client.Send(octet);
        }

        await client.Expect(Methods.BasicGetOk);
        Assert.Equal("hello"u8.ToArray(), (await client.ReadContent()).Body);
    }

    [ConformanceFact]
    public async Task A_publish_split_at_every_byte_arrives_whole()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        var publish = FrameBytes.Publish(1, "", queue, "hello"u8);

        for (var split = 1; split < publish.Length; split++)
        {
            await client.Send(publish[..split]);
            await client.Send(publish[split..]);
        }

        await client.RoundTrip();
        var bodies = await Drain(queue);
        Assert.Equal(publish.Length - 1, bodies.Length);
        Assert.All(bodies, body => Assert.Equal("hello", body));
    }

    [ConformanceFact]
    public async Task A_body_in_many_frames_arrives_whole()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        var body = Enumerable.Range(0, 5000).Select(n => (byte)n).ToArray();

        await client.Send(
        [
            .. FrameBytes.PublishMethod(1, "", queue),
            .. FrameBytes.Header(1, (ulong)body.Length),
            .. body.Chunk(7).SelectMany(part => FrameBytes.Body(1, part)),
            .. RawClientCalls.QosFrame,
        ]);
        await client.Expect(Methods.BasicQosOk);

        Assert.Equal(body, (await Get(queue))?.Bytes);
    }

    [ConformanceFact]
    public async Task Empty_body_frames_between_the_parts_do_no_harm()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();

        await client.Send(
        [
            .. FrameBytes.PublishMethod(1, "", queue),
            .. FrameBytes.Header(1, 2),
            .. FrameBytes.Body(1, "a"u8),
            .. FrameBytes.Body(1, ""u8),
            .. FrameBytes.Body(1, "b"u8),
            .. RawClientCalls.QosFrame,
        ]);
        await client.Expect(Methods.BasicQosOk);

        Assert.Equal("ab", (await Get(queue))?.Body);
    }

    [ConformanceFact]
    public async Task Contents_of_two_channels_may_be_interleaved()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        await client.OpenChannel(2);

        await client.Send(
        [
            .. FrameBytes.PublishMethod(1, "", queue),
            .. FrameBytes.PublishMethod(2, "", queue),
            .. FrameBytes.Header(2, 2),
            .. FrameBytes.Header(1, 2),
            .. FrameBytes.Body(1, "a"u8),
            .. FrameBytes.Body(2, "b"u8),
            .. FrameBytes.Body(1, "a"u8),
            .. FrameBytes.Body(2, "b"u8),
            .. RawClientCalls.QosFrame,
            .. FrameBytes.Method(2, Methods.BasicQos, a => a.Long(0).Short(0).Octet(0)),
        ]);
        await client.Expect(Methods.BasicQosOk);
        await client.Expect(Methods.BasicQosOk);

        Assert.Equal(["aa", "bb"], (await Drain(queue)).Order());
    }

    [ConformanceFact]
    public async Task Bodies_to_a_client_are_split_by_its_frame_limit()
    {
        var queue = await Queue();
        await Channel.BasicPublishAsync("", queue, false, new RabbitMQ.Client.BasicProperties(), new byte[10_000]);
        await using var client = await OpenRawChannel(new Handshake { FrameMax = 4096 });
        await client.Consume(queue, autoAck: true);
        await client.Expect(Methods.BasicDeliver);
        Assert.Equal(FrameBytes.HeaderFrame, (await client.Read())!.Type);

        var sizes = new[]
        {
            (await client.Read())!.Payload.Length,
            (await client.Read())!.Payload.Length,
            (await client.Read())!.Payload.Length,
        };

        Assert.Equal([4088, 4088, 1824], sizes);
    }

    [ConformanceFact]
    public Task A_wrong_frame_end_is_a_frame_error() =>
        BytesAreRefused(501, "FRAME_ERROR", [.. RawClientCalls.QosFrame[..^1], 0]);

    [ConformanceFact]
    public async Task A_frame_over_the_limit_is_a_frame_error_before_it_is_whole()
    {
        await using var client = await OpenRawChannel(new Handshake { FrameMax = 8192 });
        await client.Send(FrameBytes.BodyFrame, 0, 1, 0, 0, 0x20, 0x01);

        var refusal = await client.ExpectRefusal();

        Assert.Equal((Closes.Connection, (ushort)501), (refusal.What, refusal.Code));
        Assert.StartsWith("FRAME_ERROR", refusal.Text, StringComparison.Ordinal);
    }

    [ConformanceFact]
    public async Task A_frame_of_exactly_the_limit_is_fine()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel(new Handshake { FrameMax = 4096 });

        await client.Send([.. FrameBytes.Publish(1, "", queue, new byte[4088]), .. RawClientCalls.QosFrame]);
        await client.Expect(Methods.BasicQosOk);

        Assert.Equal(4088, (await Get(queue))?.Bytes.Length);
    }

    [ConformanceFact]
    public Task An_unknown_frame_type_is_refused() =>
        BytesAreRefused(501, "FRAME_ERROR", FrameBytes.Frame(9, 1, [0]));

    [ConformanceFact]
    public async Task A_heartbeat_on_a_channel_does_not_end_the_connection_of_others()
    {
        await using var client = await OpenRawChannel();
        await client.Send(FrameBytes.Frame(FrameBytes.HeartbeatFrame, 1, []));
        await client.ReadPastHeartbeats();

        await OthersAreServed();
    }

    [ConformanceFact]
    public async Task A_client_that_dies_inside_a_frame_harms_nobody()
    {
        var queue = await Queue();
        var client = await OpenRawChannel();
        await client.Send(FrameBytes.Publish(1, "", queue, "never"u8)[..^3]);
        client.Reset();

        await OthersAreServed();
        Assert.Equal(0u, await Depth(queue));
    }
}
