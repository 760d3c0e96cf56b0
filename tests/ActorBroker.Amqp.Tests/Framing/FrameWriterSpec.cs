using System.Buffers;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Framing;

public class FrameWriterSpec
{
    [Fact]
    public void Writes_a_golden_heartbeat() => Assert.Equal("08000000000000CE", Bytes.Hex(FrameWriter.WriteHeartbeat));

    [Fact]
    public void Writes_a_golden_content_header_with_all_properties()
    {
        var properties = new BasicProperties
        {
            ContentType = "text/plain",
            ContentEncoding = "gzip",
            Headers = new FieldTable(new Dictionary<string, object?> { ["k"] = "v" }),
            DeliveryMode = 2,
            Priority = 5,
            CorrelationId = "c1",
            ReplyTo = "r",
            Expiration = "1000",
            MessageId = "m1",
            Timestamp = AmqpTimestamp.From(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            Type = "t",
            UserId = "guest",
            AppId = "app",
        };

        Assert.Equal(
            "0200010000004D003C00000000000000000005FFF80A746578742F706C61696E04677A697000000008016B53000000017602050263"
            + "3101720431303030026D310000000065920080017405677565737403617070CE" + "0300010000000568656C6C6FCE",
            Bytes.Hex(w => FrameWriter.WriteContent(w, 1, properties.ToBytes(), "hello"u8, 4096)));
    }

    [Fact]
    public void Writes_no_body_frame_for_an_empty_body() => Assert.Equal(
        "0200010000000E003C000000000000000000000000CE",
        Bytes.Hex(w => FrameWriter.WriteContent(w, 1, BasicProperties.Empty.ToBytes(), default, 4096)));

    [Fact]
    public void Splits_a_body_into_full_frames_and_a_rest() =>
        Gen.Select(Gen.Int[0, 20_000], Gen.UInt[4096, 8192], Gen.Bool).Sample((length, agreed, limited) =>
        {
            var frameMax = limited ? agreed : 0;
            var body = new byte[length];
            new Random(length).NextBytes(body);
            ReadOnlySpan<byte> written = Bytes.Of(w => FrameWriter.WriteContent(w, 9, [0, 0], body, frameMax));

            var pieces = new List<byte>();
            var limit = frameMax == 0 ? int.MaxValue : (int)frameMax - FrameReader.Overhead;
            for (var first = true; !written.IsEmpty; first = false)
            {
                var total = FrameReader.TryRead(written, frameMax, out var type, out var channel, out var size);
                Assert.Equal((first ? FrameType.Header : FrameType.Body, 9), (type, channel));
                var payload = written.Slice(FrameReader.HeaderSize, size);
                written = written[total..];
                if (first)
                {
                    Assert.Equal((ulong)length, ContentHeader.Parse(payload).BodySize);
                    continue;
                }

                Assert.True(written.IsEmpty || size == limit, "only the last frame may be short");
                pieces.AddRange(payload);
            }

            Assert.Equal(body, pieces);
        });

    [Fact]
    public void Writes_a_deliver_from_bytes_as_from_strings() => Assert.Equal(
        Bytes.Hex(w => FrameWriter.WriteMethod(w, 3, new BasicDeliver("ctag", 7, true, "logs", "info"))),
        Bytes.Hex(w => FrameWriter.WriteDeliver(w, 3, "ctag"u8, 7, true, "logs"u8, "info"u8)));
}
