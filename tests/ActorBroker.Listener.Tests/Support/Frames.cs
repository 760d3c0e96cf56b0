using System.Buffers.Binary;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>Frames as bytes: right ones by the codec, wrong ones by hand.</summary>
public static class Frames
{
    /// <summary>Property flags of a message without properties.</summary>
    public static readonly byte[] NoProperties = [0, 0];

    /// <summary>What a client says first.</summary>
    public static byte[] ProtocolHeader => [.. "AMQP"u8, 0, 0, 9, 1];

    public static byte[] Heartbeat => Raw(FrameType.Heartbeat, 0, []);

    public static byte[] Method<T>(ushort channel, T method)
        where T : struct, IAmqpMethod
    {
        var writer = new AmqpWriter();
        FrameWriter.WriteMethod(writer, channel, method);
        return writer.Written.ToArray();
    }

    /// <summary>basic.publish (60, 40) with its content.</summary>
    public static byte[] Publish(
        ushort channel,
        string exchange,
        string key,
        ReadOnlySpan<byte> body,
        byte[]? properties = null,
        bool mandatory = false,
        uint frameMax = 131072)
    {
        var writer = new AmqpWriter(body.Length + 256);
        writer.WriteRaw(PublishMethod(channel, exchange, key, mandatory));
        FrameWriter.WriteContent(writer, channel, properties ?? NoProperties, body, frameMax);
        return writer.Written.ToArray();
    }

    /// <summary>basic.publish (60, 40) without its content.</summary>
    public static byte[] PublishMethod(ushort channel, string exchange, string key, bool mandatory = false, bool immediate = false)
    {
        var writer = new AmqpWriter();
        FrameWriter.WriteMethod(
            writer,
            channel,
            new BasicPublish(System.Text.Encoding.UTF8.GetBytes(exchange), System.Text.Encoding.UTF8.GetBytes(key), mandatory, immediate));
        return writer.Written.ToArray();
    }

    /// <summary>A content header that announces a body.</summary>
    public static byte[] Header(ushort channel, ulong bodySize, byte[]? properties = null, ushort classId = 60)
    {
        var writer = new AmqpWriter();
        writer.WriteShort(classId);
        writer.WriteShort(0);
        writer.WriteLongLong(bodySize);
        writer.WriteRaw(properties ?? NoProperties);
        return Raw(FrameType.Header, channel, writer.Written);
    }

    public static byte[] Body(ushort channel, ReadOnlySpan<byte> piece) => Raw(FrameType.Body, channel, piece);

    /// <summary>Any frame at all; the end octet may be wrong.</summary>
    public static byte[] Raw(byte type, ushort channel, ReadOnlySpan<byte> payload, byte end = FrameReader.FrameEnd)
    {
        var frame = new byte[payload.Length + FrameReader.Overhead];
        frame[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), channel);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(3), (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(FrameReader.HeaderSize));
        frame[^1] = end;
        return frame;
    }
}
