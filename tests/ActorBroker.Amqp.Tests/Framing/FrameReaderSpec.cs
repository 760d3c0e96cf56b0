using System.Buffers;
using ActorBroker.Amqp.Framing;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Framing;

public class FrameReaderSpec
{
    // basic.publish to exchange "logs" with key "info", mandatory, on channel 1
    private static readonly byte[] Publish = Bytes.Of("01000100000011003C00280000046C6F677304696E666F01CE");

    [Fact]
    public void Reads_a_frame_out_of_a_span()
    {
        var length = FrameReader.TryRead(Publish, 131_072, out var type, out var channel, out var payloadLength);

        Assert.Equal((Publish.Length, FrameType.Method, 1, 17), (length, type, channel, payloadLength));
    }

    [Fact]
    public void Waits_for_the_rest_wherever_the_frame_is_cut()
    {
        for (var cut = 0; cut < Publish.Length; cut++)
        {
            var input = new ReadOnlySequence<byte>(Publish, 0, cut);
            Assert.False(FrameReader.TryRead(ref input, 0, out _));
            Assert.Equal(cut, input.Length);
            Assert.Equal(0, FrameReader.TryRead(Publish.AsSpan(0, cut), 0, out _, out _, out _));
        }
    }

    [Fact]
    public void Reads_frames_that_lie_across_segments_wherever_they_are_split()
    {
        byte[] two = [.. Publish, .. Publish];
        for (var split = 0; split <= two.Length; split++)
        {
            var input = Segment.Split(two, split);
            Assert.True(FrameReader.TryRead(ref input, 4096, out var first));
            Assert.True(FrameReader.TryRead(ref input, 4096, out var second));
            Assert.True(input.IsEmpty);
            Assert.Equal(Publish[7..^1], first.Payload.ToArray());
            Assert.Equal(Publish[7..^1], second.Payload.ToArray());
            Assert.Equal((FrameType.Method, 1), (first.Type, first.Channel));
        }
    }

    [Fact]
    public void Refuses_an_oversized_frame_before_its_payload_arrives()
    {
        var header = Bytes.Of("03000100000FF9"); // 4089 bytes of payload: one more than frame-max 4096 allows

        var error = Assert.Throws<ConnectionException>(
            () => FrameReader.TryRead(header, 4096, out _, out _, out _));
        Assert.Equal(ReplyCode.FrameError, error.Code);
        Assert.Equal(0, FrameReader.TryRead(header, 4097, out _, out _, out _));
        Assert.Equal(0, FrameReader.TryRead(header, 0, out _, out _, out _));
        Assert.Throws<ConnectionException>(() =>
        {
            var input = new ReadOnlySequence<byte>(header);
            FrameReader.TryRead(ref input, 4096, out _);
        });
    }

    [Fact]
    public void Refuses_a_frame_no_buffer_could_hold_even_without_a_limit() =>
        Assert.Throws<ConnectionException>(
            () => FrameReader.TryRead(Bytes.Of("030001FFFFFFFF"), 0, out _, out _, out _));

    [Fact]
    public void Refuses_a_frame_without_its_end_octet()
    {
        byte[] broken = [.. Publish[..^1], 0xCD];

        var error = Assert.Throws<ConnectionException>(
            () => FrameReader.TryRead(broken, 4096, out _, out _, out _));
        Assert.Equal(ReplyCode.FrameError, error.Code);
    }

    [Fact]
    public void Any_bytes_give_a_frame_or_a_wait_or_a_clean_refusal_and_both_readers_agree() =>
        Gen.Select(Gen.Byte.Array[0, 64], Gen.UInt[0, 40]).Sample((bytes, frameMax) =>
        {
            // small sizes, so that some frames are complete
            if (bytes.Length >= 7)
            {
                bytes[3] = bytes[4] = bytes[5] = 0;
                bytes[6] &= 0x1F;
            }

            Assert.Equal(FromSpan(bytes, frameMax), FromSequence(bytes, frameMax));
        });

    private static string FromSpan(byte[] bytes, uint frameMax)
    {
        try
        {
            var length = FrameReader.TryRead(bytes, frameMax, out var type, out var channel, out var payload);
            return length == 0 ? "wait" : $"{type} {channel} {Convert.ToHexString(bytes, 7, payload)} {length}";
        }
        catch (ConnectionException e)
        {
            return e.ReplyText;
        }
    }

    private static string FromSequence(byte[] bytes, uint frameMax)
    {
        var input = Segment.Split(bytes, bytes.Length / 2);
        try
        {
            if (!FrameReader.TryRead(ref input, frameMax, out var frame))
            {
                return "wait";
            }

            var payload = Convert.ToHexString(frame.Payload.ToArray());
            return $"{frame.Type} {frame.Channel} {payload} {bytes.Length - input.Length}";
        }
        catch (ConnectionException e)
        {
            return e.ReplyText;
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Split(byte[] bytes, int at)
        {
            var second = new Segment { Memory = bytes.AsMemory(at), RunningIndex = at };
            var first = new Segment { Memory = bytes.AsMemory(0, at), Next = second };
            return new ReadOnlySequence<byte>(first, 0, second, bytes.Length - at);
        }
    }
}
