using System.Buffers.Binary;
using System.Text;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>A frame as it came from the broker.</summary>
public sealed record RawFrame(byte Type, ushort Channel, byte[] Payload)
{
    public MethodId Method => Type == FrameBytes.MethodFrame
        ? new MethodId(
            BinaryPrimitives.ReadUInt16BigEndian(Payload), BinaryPrimitives.ReadUInt16BigEndian(Payload.AsSpan(2)))
        : default;

    /// <summary>Reads the arguments of a method frame.</summary>
    public ArgsReader Arguments() => new(Payload, 4);

    /// <summary>Code and text of a <c>channel.close</c> or <c>connection.close</c>; null for any other frame.</summary>
    public Refusal? AsRefusal()
    {
        if (Method != Methods.ConnectionClose && Method != Methods.ChannelClose)
        {
            return null;
        }

        var arguments = Arguments();
        var what = Method == Methods.ConnectionClose ? Closes.Connection : Closes.Channel;
        return new Refusal(what, arguments.Short(), arguments.ShortString());
    }

    public override string ToString() =>
        $"frame type {Type} on channel {Channel}, {Method}, {AsRefusal()?.ToString() ?? Convert.ToHexString(Payload)}";
}

/// <summary>Reads method arguments and field tables, one value after the other.</summary>
public sealed class ArgsReader(byte[] bytes, int position)
{
    private int _position = position;

    public byte Octet() => bytes[_position++];

    public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint Long() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong LongLong() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public string ShortString() => Encoding.UTF8.GetString(Take(Octet()));

    public string LongString() => Encoding.UTF8.GetString(Take((int)Long()));

    /// <summary>A field table with values of the types that a broker sends of its own: t, S, I, l and F.</summary>
    public Dictionary<string, object> Table()
    {
        var table = new Dictionary<string, object>();
        var size = (int)Long();
        var end = _position + size;
        while (_position < end)
        {
            var key = ShortString();
            var type = (char)Octet();
            table[key] = type switch
            {
                't' => Octet() != 0,
                'S' => LongString(),
                'I' => (int)Long(),
                'l' => (long)LongLong(),
                'F' => Table(),
                _ => throw new FormatException($"field '{key}' has type '{type}'"),
            };
        }

        return table;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        _position += count;
        return bytes.AsSpan(_position - count, count);
    }
}
