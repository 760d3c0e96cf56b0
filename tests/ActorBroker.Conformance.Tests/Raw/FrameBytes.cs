using System.Buffers.Binary;

namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>Frames as bytes, right or deliberately wrong. Owes nothing to the codec of the product.</summary>
public static class FrameBytes
{
    public const byte MethodFrame = 1;
    public const byte HeaderFrame = 2;
    public const byte BodyFrame = 3;
    public const byte HeartbeatFrame = 8;
    public const byte End = 0xCE;

    /// <summary>What a client says first: <c>AMQP</c>, 0, and version 0-9-1.</summary>
    public static readonly byte[] ProtocolHeader = [.. "AMQP"u8, 0, 0, 9, 1];

    public static readonly byte[] Heartbeat = Frame(HeartbeatFrame, 0, []);

    /// <summary>One frame: type, channel, size, payload, end octet.</summary>
    public static byte[] Frame(byte type, ushort channel, ReadOnlySpan<byte> payload, byte end = End)
    {
        var frame = new byte[8 + payload.Length];
        frame[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), channel);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(3), (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(7));
        frame[^1] = end;
        return frame;
    }

    /// <summary>A method frame; the arguments are written by <paramref name="arguments"/>.</summary>
    public static byte[] Method(ushort channel, MethodId id, Action<Args>? arguments = null)
    {
        var args = new Args().Short(id.Class).Short(id.Method);
        arguments?.Invoke(args);
        return Frame(MethodFrame, channel, args.Bytes);
    }

    /// <summary>A content header; <paramref name="properties"/> starts with the flags word.</summary>
    public static byte[] Header(ushort channel, ulong bodySize, byte[]? properties = null, ushort classId = 60) =>
        Frame(
            HeaderFrame,
            channel,
            [.. new Args().Short(classId).Short(0).LongLong(bodySize).Bytes, .. properties ?? [0, 0]]);

    public static byte[] Body(ushort channel, ReadOnlySpan<byte> content) => Frame(BodyFrame, channel, content);

    /// <summary><c>basic.publish</c> (60, 40) with its content in one body frame; none for an empty body.</summary>
    public static byte[] Publish(
        ushort channel, string exchange, string key, ReadOnlySpan<byte> body, byte[]? properties = null) =>
    [
        .. PublishMethod(channel, exchange, key),
        .. Header(channel, (ulong)body.Length, properties),
        .. body.IsEmpty ? [] : Body(channel, body),
    ];

    /// <summary>Only the method frame of a publish. Flags: 1 mandatory, 2 immediate.</summary>
    public static byte[] PublishMethod(ushort channel, string exchange, string key, byte flags = 0) =>
        Method(channel, Methods.BasicPublish, a => a.Short(0).ShortString(exchange).ShortString(key).Octet(flags));
}
