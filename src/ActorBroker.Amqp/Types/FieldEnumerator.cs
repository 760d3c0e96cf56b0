using System.Buffers.Binary;

namespace ActorBroker.Amqp.Types;

/// <summary>One field of an encoded table, or one element of an encoded array, where it lies.</summary>
public readonly ref struct FieldSpan
{
    internal FieldSpan(ReadOnlySpan<byte> name, byte type, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
    {
        Name = name;
        Type = type;
        Value = value;
        Whole = whole;
    }

    /// <summary>The name, 0 to 255 bytes; empty for an element of an array.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>One of <see cref="FieldType"/>.</summary>
    public byte Type { get; }

    /// <summary>The value without its type; strings, bytes, arrays and tables without their length.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Name, type, length and value as they were encoded, to be copied unchanged.</summary>
    public ReadOnlySpan<byte> Whole { get; }
}

/// <summary>Walks an encoded table or array field by field. Made for <c>foreach</c>; allocates nothing.</summary>
/// <remarks>Throws <see cref="ConnectionException"/> (502) at a field that is cut off or of an unknown type.</remarks>
public ref struct FieldEnumerator
{
    private readonly bool _named;
    private ReadOnlySpan<byte> _rest;
    private FieldSpan _current;

    internal FieldEnumerator(ReadOnlySpan<byte> encoded, bool named)
    {
        _rest = encoded;
        _named = named;
    }

    /// <summary>The field that the last <see cref="MoveNext"/> found.</summary>
    public readonly FieldSpan Current => _current;

    /// <summary>Itself, so that <c>foreach</c> takes it.</summary>
    public readonly FieldEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="ConnectionException">502: cut off, or an unknown field type.</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var nameEnd = _named ? 1 + _rest[0] : 0;
        if (nameEnd >= _rest.Length)
        {
            ConnectionException.ThrowSyntaxError("a table ends inside a field");
        }

        var type = _rest[nameEnd];
        var typed = _rest[(nameEnd + 1)..];
        var (prefix, length) = Measure(type, typed);
        if (prefix + length > typed.Length)
        {
            ConnectionException.ThrowSyntaxError(
                $"a field of type '{(char)type}' needs {length} bytes, {typed.Length - prefix} are left in its table");
        }

        var end = prefix + (int)length;
        _current = new FieldSpan(
            _named ? _rest[1..nameEnd] : default, type, typed[prefix..end], _rest[..(nameEnd + 1 + end)]);
        _rest = typed[end..];
        return true;
    }

    private static (int Prefix, long Length) Measure(byte type, ReadOnlySpan<byte> typed)
    {
        switch (type)
        {
            case FieldType.Void:
                return (0, 0);
            case FieldType.Boolean or FieldType.SignedByte or FieldType.UnsignedByte:
                return (0, 1);
            case FieldType.SignedShort or FieldType.UnsignedShort:
                return (0, 2);
            case FieldType.SignedInt or FieldType.UnsignedInt or FieldType.Float:
                return (0, 4);
            case FieldType.Decimal:
                return (0, 5);
            case FieldType.SignedLong or FieldType.UnsignedLong or FieldType.Double or FieldType.Timestamp:
                return (0, 8);
            case FieldType.LongString or FieldType.Bytes or FieldType.Array or FieldType.Table:
                if (!BinaryPrimitives.TryReadUInt32BigEndian(typed, out var length))
                {
                    ConnectionException.ThrowSyntaxError("a table ends inside the length of a field");
                }

                return (sizeof(uint), length);
            default:
                ConnectionException.ThrowSyntaxError($"unknown field type {type}");
                return default;
        }
    }
}
