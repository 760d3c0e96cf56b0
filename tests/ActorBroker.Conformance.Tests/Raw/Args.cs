using System.Buffers.Binary;
using System.Text;

namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>Writes method arguments and field tables, one value after the other.</summary>
public sealed class Args
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public Args Octet(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public Args Short(ushort value)
    {
        Span<byte> buffer = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(buffer, value);
        return Raw(buffer);
    }

    public Args Long(uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(buffer, value);
        return Raw(buffer);
    }

    public Args LongLong(ulong value)
    {
        Span<byte> buffer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(buffer, value);
        return Raw(buffer);
    }

    public Args ShortString(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Octet((byte)bytes.Length).Raw(bytes);
    }

    public Args LongString(ReadOnlySpan<byte> bytes) => Long((uint)bytes.Length).Raw(bytes);

    public Args LongString(string text) => LongString(Encoding.UTF8.GetBytes(text));

    /// <summary>A field table. Values: bool, string and nested tables (<see cref="Args"/> of ready entries).</summary>
    public Args Table(params (string Key, object Value)[] entries)
    {
        var inner = new Args();
        foreach (var (key, value) in entries)
        {
            inner.ShortString(key);
            _ = value switch
            {
                bool flag => inner.Octet((byte)'t').Octet(flag ? (byte)1 : (byte)0),
                string text => inner.Octet((byte)'S').LongString(text),
                Args table => inner.Octet((byte)'F').LongString(table.Bytes),
                _ => throw new ArgumentException($"no field type for {value.GetType().Name}", nameof(entries)),
            };
        }

        return LongString(inner.Bytes);
    }

    public Args Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
