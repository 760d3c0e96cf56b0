using System.Buffers.Binary;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Core.Messages;

namespace ActorBroker.Listener.Connections;

/// <summary>Encodes messages straight into an outbox: one copy of the published bytes, no intermediate objects.</summary>
/// <remarks>Under the outbox's lock.</remarks>
internal static class DeliveryFrames
{
    private const uint DeliverId = (60u << 16) | 60;
    private const uint GetOkId = (60u << 16) | 71;
    private const uint ReturnId = (60u << 16) | 50;
    private const uint AckId = (60u << 16) | 80;
    private const uint NackId = (60u << 16) | 120;

    /// <summary>basic.deliver (60, 60) with header and body.</summary>
    public static void WriteDeliver(Outbox output, ushort channel, ReadOnlySpan<byte> tag, ulong deliveryTag, in Message message, uint frameMax)
    {
        var method = 4 + 1 + tag.Length + 8 + 1 + message.NamesLength;
        var oneBody = frameMax == 0 || message.BodyLength <= frameMax - FrameReader.Overhead;
        var body = oneBody && message.BodyLength > 0 ? message.BodyLength + FrameReader.Overhead : 0;
        var header = RedeliveryHeader.Of(message);
        var span = output.GetSpan(method + header.Length + (2 * FrameReader.Overhead) + body);

        var at = Begin(span, FrameType.Method, channel, method);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], DeliverId);
        span[at + 4] = (byte)tag.Length;
        tag.CopyTo(span[(at + 5)..]);
        at += 5 + tag.Length;
        BinaryPrimitives.WriteUInt64BigEndian(span[at..], deliveryTag);
        span[at + 8] = message.Redelivered ? (byte)1 : (byte)0;
        message.Names.CopyTo(span[(at + 9)..]);
        at += 9 + message.NamesLength;
        span[at++] = FrameReader.FrameEnd;

        at += WriteFrame(span[at..], FrameType.Header, channel, header);
        if (body > 0)
        {
            at += WriteFrame(span[at..], FrameType.Body, channel, message.Body);
        }

        output.Advance(at);
        if (!oneBody)
        {
            WriteBody(output, channel, message.Body, frameMax);
        }
    }

    /// <summary>basic.get-ok (60, 71) with header and body.</summary>
    public static void WriteGetOk(Outbox output, ushort channel, ulong deliveryTag, in Message message, uint left, uint frameMax)
    {
        var method = 4 + 8 + 1 + message.NamesLength + 4;
        var span = output.GetSpan(method + FrameReader.Overhead);
        var at = Begin(span, FrameType.Method, channel, method);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], GetOkId);
        BinaryPrimitives.WriteUInt64BigEndian(span[(at + 4)..], deliveryTag);
        span[at + 12] = message.Redelivered ? (byte)1 : (byte)0;
        message.Names.CopyTo(span[(at + 13)..]);
        BinaryPrimitives.WriteUInt32BigEndian(span[(at + 13 + message.NamesLength)..], left);
        span[at + method] = FrameReader.FrameEnd;
        output.Advance(method + FrameReader.Overhead);
        WriteContent(output, channel, message, frameMax);
    }

    /// <summary>basic.return (60, 50), 312 NO_ROUTE, with header and body.</summary>
    public static void WriteReturn(Outbox output, ushort channel, in Message message, uint frameMax)
    {
        var text = "NO_ROUTE"u8;
        var method = 4 + 2 + 1 + text.Length + message.NamesLength;
        var span = output.GetSpan(method + FrameReader.Overhead);
        var at = Begin(span, FrameType.Method, channel, method);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], ReturnId);
        BinaryPrimitives.WriteUInt16BigEndian(span[(at + 4)..], (ushort)ReplyCode.NoRoute);
        span[at + 6] = (byte)text.Length;
        text.CopyTo(span[(at + 7)..]);
        message.Names.CopyTo(span[(at + 7 + text.Length)..]);
        span[at + method] = FrameReader.FrameEnd;
        output.Advance(method + FrameReader.Overhead);
        WriteContent(output, channel, message, frameMax);
    }

    private static void WriteContent(Outbox output, ushort channel, in Message message, uint frameMax)
    {
        var header = RedeliveryHeader.Of(message);
        output.Advance(WriteFrame(output.GetSpan(header.Length + FrameReader.Overhead), FrameType.Header, channel, header));
        WriteBody(output, channel, message.Body, frameMax);
    }

    /// <summary>basic.ack (60, 80) or basic.nack (60, 120) to a publisher.</summary>
    public static void WriteConfirm(Outbox output, ushort channel, ulong tag, bool multiple, bool ack)
    {
        const int Payload = 13;
        var span = output.GetSpan(Payload + FrameReader.Overhead);
        var at = Begin(span, FrameType.Method, channel, Payload);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], ack ? AckId : NackId);
        BinaryPrimitives.WriteUInt64BigEndian(span[(at + 4)..], tag);
        span[at + 12] = multiple ? (byte)1 : (byte)0;
        span[at + Payload] = FrameReader.FrameEnd;
        output.Advance(Payload + FrameReader.Overhead);
    }

    private static void WriteBody(Outbox output, ushort channel, ReadOnlySpan<byte> body, uint frameMax)
    {
        var most = frameMax == 0 ? int.MaxValue - FrameReader.Overhead : (int)frameMax - FrameReader.Overhead;
        while (!body.IsEmpty)
        {
            var piece = body[..Math.Min(most, body.Length)];
            output.Advance(WriteFrame(output.GetSpan(piece.Length + FrameReader.Overhead), FrameType.Body, channel, piece));
            body = body[piece.Length..];
        }
    }

    private static int WriteFrame(Span<byte> span, byte type, ushort channel, ReadOnlySpan<byte> payload)
    {
        var at = Begin(span, type, channel, payload.Length);
        payload.CopyTo(span[at..]);
        span[at + payload.Length] = FrameReader.FrameEnd;
        return payload.Length + FrameReader.Overhead;
    }

    private static int Begin(Span<byte> span, byte type, ushort channel, int payload)
    {
        span[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], channel);
        BinaryPrimitives.WriteUInt32BigEndian(span[3..], (uint)payload);
        return FrameReader.HeaderSize;
    }
}
