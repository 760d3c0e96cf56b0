using System.Buffers;
using System.Buffers.Binary;

namespace ActorBroker.Amqp.Framing;

/// <summary>Cuts complete frames out of the bytes that a socket has delivered so far.</summary>
public static class FrameReader
{
    /* 0      1         3             7                  size+7 size+8
       +------+---------+-------------+  +------------+  +-----------+
       | type | channel |    size     |  |  payload   |  | frame-end |
       +------+---------+-------------+  +------------+  +-----------+
        octet   short       long          size octets     %xCE        */

    /// <summary>Where the payload starts, in bytes from the start of the frame.</summary>
    public const int HeaderSize = 7;

    /// <summary>Everything a frame costs beyond its payload, in bytes.</summary>
    public const int Overhead = HeaderSize + 1;

    /// <summary>The octet that closes every frame.</summary>
    public const byte FrameEnd = 0xCE;

    /// <summary>
    /// Looks at the frame that <paramref name="input"/> starts with. The fast path: no copy, no allocation.
    /// </summary>
    /// <param name="input">What has arrived.</param>
    /// <param name="frameMax">Agreed in connection.tune, in bytes, overhead included; 0 means no limit.</param>
    /// <param name="type">One of <see cref="FrameType"/>, or what the peer sent instead.</param>
    /// <param name="channel">0 for the connection itself.</param>
    /// <param name="payloadLength">In bytes; the payload starts at <see cref="HeaderSize"/>.</param>
    /// <returns>The length of the whole frame in bytes, or 0 when it has not fully arrived.</returns>
    /// <exception cref="ConnectionException">501: larger than frame-max, or no frame-end octet.</exception>
    public static int TryRead(
        ReadOnlySpan<byte> input, uint frameMax, out byte type, out ushort channel, out int payloadLength)
    {
        if (input.Length < HeaderSize)
        {
            type = 0;
            channel = 0;
            payloadLength = 0;
            return 0;
        }

        payloadLength = ReadHeader(input, frameMax, out type, out channel);
        var end = HeaderSize + payloadLength;
        if (input.Length <= end)
        {
            return 0;
        }

        CheckEnd(input[end]);
        return end + 1;
    }

    /// <summary>
    /// Takes one frame off the front of <paramref name="input"/>, or leaves it untouched and returns false
    /// when the frame has not fully arrived.
    /// </summary>
    /// <param name="input">What has arrived; moved past the frame on success.</param>
    /// <param name="frameMax">Agreed in connection.tune, in bytes, overhead included; 0 means no limit.</param>
    /// <param name="frame">The frame; its payload is a slice of <paramref name="input"/>.</param>
    /// <exception cref="ConnectionException">501: larger than frame-max, or no frame-end octet.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, uint frameMax, out Frame frame)
    {
        frame = default;
        if (input.Length < HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderSize];
        input.Slice(0, HeaderSize).CopyTo(header);
        var payloadLength = ReadHeader(header, frameMax, out var type, out var channel);
        var end = HeaderSize + payloadLength;
        if (input.Length <= end)
        {
            return false;
        }

        CheckEnd(input.Slice(end, 1).FirstSpan[0]);
        frame = new Frame(type, channel, input.Slice(HeaderSize, payloadLength));
        input = input.Slice(end + 1);
        return true;
    }

    // The size is judged before any of the payload is waited for: the peer must not make us buffer it.
    private static int ReadHeader(ReadOnlySpan<byte> header, uint frameMax, out byte type, out ushort channel)
    {
        type = header[0];
        channel = BinaryPrimitives.ReadUInt16BigEndian(header[1..]);
        var size = BinaryPrimitives.ReadUInt32BigEndian(header[3..]);
        var limit = frameMax == 0 ? int.MaxValue : Math.Min(frameMax, int.MaxValue);
        if ((long)size + Overhead > limit)
        {
            ConnectionException.ThrowFrameError(
                $"type {type} frame on channel {channel} of {(long)size + Overhead} bytes, frame_max is {frameMax}");
        }

        return (int)size;
    }

    private static void CheckEnd(byte end)
    {
        if (end != FrameEnd)
        {
            ConnectionException.ThrowFrameError($"a frame ends with octet {end} in place of {FrameEnd}");
        }
    }
}
