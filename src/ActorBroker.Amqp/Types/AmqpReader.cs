using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace ActorBroker.Amqp.Types;

/// <summary>
/// Reads AMQP data fields, in order, from the payload of one complete frame. All integers are big-endian.
/// </summary>
/// <remarks>
/// Every read past the end throws <see cref="ConnectionException"/> (502 SYNTAX_ERROR). Spans handed out point into the
/// payload and live as long as it does. A group of bits is one octet, first bit lowest; the method takes it apart.
/// </remarks>
public ref struct AmqpReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Reads an unsigned 8-bit integer, or up to eight bits.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public byte ReadOctet()
    {
        if (_rest.IsEmpty)
        {
            ThrowCut(1);
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public ushort ReadShort()
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_rest, out var value))
        {
            ThrowCut(sizeof(ushort));
        }

        _rest = _rest[sizeof(ushort)..];
        return value;
    }

    /// <summary>Reads an unsigned 32-bit integer. On the first four octets of a method frame: the method id.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public uint ReadLong()
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out var value))
        {
            ThrowCut(sizeof(uint));
        }

        _rest = _rest[sizeof(uint)..];
        return value;
    }

    /// <summary>Reads an unsigned 64-bit integer.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public ulong ReadLongLong()
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(_rest, out var value))
        {
            ThrowCut(sizeof(ulong));
        }

        _rest = _rest[sizeof(ulong)..];
        return value;
    }

    /// <summary>Reads a short string, 0 to 255 bytes, without copying it. The bytes may be anything.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public ReadOnlySpan<byte> ReadShortString() => Take(ReadOctet());

    /// <summary>Reads a short string that is a name: 0 to 255 bytes of UTF-8.</summary>
    /// <exception cref="ConnectionException">
    /// 502: cut off. 501, as RabbitMQ: not UTF-8, because two names must never read as one.
    /// </exception>
    public string ReadShortText() => ToText(ReadShortString(), "shortstr");

    /// <summary>Reads a long string, 0 to 2^31-1 bytes, without copying it. The bytes may be anything.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public ReadOnlySpan<byte> ReadLongString() => Take(ReadLong());

    /// <summary>Reads a long string that is UTF-8 text.</summary>
    /// <exception cref="ConnectionException">502: cut off. 501: not UTF-8.</exception>
    public string ReadLongText() => ToText(ReadLongString(), "longstr");

    /// <summary>Reads a field table and checks all of it; its values are decoded when someone looks.</summary>
    /// <exception cref="ConnectionException">502: cut off, an unknown field type, or nested too deep.</exception>
    public FieldTable ReadTable() => FieldTable.FromBytes(ReadLongString());

    /// <summary>Reads a timestamp in whole seconds.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public AmqpTimestamp ReadTimestamp() => new(ReadLongLong());

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)_rest.Length)
        {
            ThrowCut(count);
        }

        var field = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return field;
    }

    private static string ToText(ReadOnlySpan<byte> bytes, string kind)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        if (!Utf8.IsValid(bytes))
        {
            ConnectionException.ThrowFrameError($"Malformed UTF-8 in {kind}");
        }

        return Encoding.UTF8.GetString(bytes);
    }

    [DoesNotReturn]
    private readonly void ThrowCut(uint wanted) => ConnectionException.ThrowSyntaxError(
        $"a field of {wanted} bytes was cut off: {_rest.Length} bytes were left");
}
