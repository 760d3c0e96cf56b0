using System.Buffers.Binary;

namespace ActorBroker.Amqp.Types;

/// <summary>
/// Works on the bytes of a field table (without the 4-byte length) and decodes nothing: the way to look into the
/// headers of a message on the hot path. Allocates nothing. Of two fields with one name the first counts.
/// </summary>
public static class FieldTableBytes
{
    /// <summary>How many tables and arrays may lie within each other, the outermost counted.</summary>
    public const int MaxDepth = 32;

    /// <summary>Walks the fields of a table.</summary>
    public static FieldEnumerator Enumerate(ReadOnlySpan<byte> table) => new(table, named: true);

    /// <summary>Walks the elements of an array value; their names are empty.</summary>
    public static FieldEnumerator EnumerateArray(ReadOnlySpan<byte> array) => new(array, named: false);

    /// <summary>Checks a table to its last nested field, so that nothing that reads it later can fail.</summary>
    /// <exception cref="ConnectionException">502: cut off, an unknown field type, or nested too deep.</exception>
    public static void Validate(ReadOnlySpan<byte> table) => DepthOf(table);

    /// <summary>Finds the first field of that name.</summary>
    /// <param name="table">The encoded table.</param>
    /// <param name="name">The name in UTF-8; compared byte by byte.</param>
    /// <param name="type">One of <see cref="FieldType"/>; 0 when not found.</param>
    /// <param name="value">The value; strings, bytes, arrays and tables without their length.</param>
    /// <exception cref="ConnectionException">502: the table is malformed before the field.</exception>
    public static bool TryFind(
        ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, out byte type, out ReadOnlySpan<byte> value)
    {
        foreach (var field in Enumerate(table))
        {
            if (field.Name.SequenceEqual(name))
            {
                type = field.Type;
                value = field.Value;
                return true;
            }
        }

        type = 0;
        value = default;
        return false;
    }

    /// <summary>Finds a field that holds an integer of any width.</summary>
    /// <returns>False when there is no such field, it is of another type, or above the range of a long.</returns>
    /// <exception cref="ConnectionException">502: the table is malformed before the field.</exception>
    public static bool TryFindInteger(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, out long value)
    {
        value = 0;
        return TryFind(table, name, out var type, out var bytes) && TryReadInteger(type, bytes, out value);
    }

    /// <summary>Reads the value of an integer field of any width.</summary>
    /// <returns>False when the type is no integer, or the value above the range of a long.</returns>
    public static bool TryReadInteger(byte type, ReadOnlySpan<byte> value, out long integer)
    {
        long? read = type switch
        {
            FieldType.SignedByte => (sbyte)value[0],
            FieldType.UnsignedByte => value[0],
            FieldType.SignedShort => BinaryPrimitives.ReadInt16BigEndian(value),
            FieldType.UnsignedShort => BinaryPrimitives.ReadUInt16BigEndian(value),
            FieldType.SignedInt => BinaryPrimitives.ReadInt32BigEndian(value),
            FieldType.UnsignedInt => BinaryPrimitives.ReadUInt32BigEndian(value),
            FieldType.SignedLong or FieldType.UnsignedLong => BinaryPrimitives.ReadInt64BigEndian(value),
            _ => null,
        };
        integer = read.GetValueOrDefault();
        return read is not null && (type != FieldType.UnsignedLong || integer >= 0);
    }

    /// <summary>Writes all fields but those of that name; no length before them.</summary>
    /// <exception cref="ConnectionException">502: the table is malformed.</exception>
    public static void CopyWithout(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name, AmqpWriter output)
    {
        foreach (var field in Enumerate(table))
        {
            if (!field.Name.SequenceEqual(name))
            {
                output.WriteRaw(field.Whole);
            }
        }
    }

    /// <summary>Appends a long string field.</summary>
    /// <exception cref="ArgumentException">The name has more than 255 bytes.</exception>
    public static void AppendString(AmqpWriter output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        AppendName(output, name, FieldType.LongString);
        output.WriteLongString(value);
    }

    /// <summary>Appends a signed 64-bit field.</summary>
    /// <exception cref="ArgumentException">The name has more than 255 bytes.</exception>
    public static void AppendLong(AmqpWriter output, ReadOnlySpan<byte> name, long value)
    {
        AppendName(output, name, FieldType.SignedLong);
        output.WriteLongLong((ulong)value);
    }

    /// <summary>Appends a timestamp field.</summary>
    /// <exception cref="ArgumentException">The name has more than 255 bytes.</exception>
    public static void AppendTimestamp(AmqpWriter output, ReadOnlySpan<byte> name, AmqpTimestamp value)
    {
        AppendName(output, name, FieldType.Timestamp);
        output.WriteTimestamp(value);
    }

    /// <summary>Appends a field of any type that <see cref="FieldTable"/> takes.</summary>
    /// <exception cref="ArgumentException">A name has more than 255 bytes, or a value no AMQP type.</exception>
    public static void Append(AmqpWriter output, ReadOnlySpan<byte> name, object? value)
    {
        output.WriteShortString(name);
        FieldValueCodec.Write(output, value, depth: 1);
    }

    private static void AppendName(AmqpWriter output, ReadOnlySpan<byte> name, byte type)
    {
        output.WriteShortString(name);
        output.WriteOctet(type);
    }

    /// <summary>
    /// How many tables and arrays lie within each other, <paramref name="table"/> counted; checks all of it.
    /// </summary>
    internal static int DepthOf(ReadOnlySpan<byte> table) => DepthOf(Enumerate(table), depth: 1);

    private static int DepthOf(FieldEnumerator fields, int depth)
    {
        if (depth > MaxDepth)
        {
            ConnectionException.ThrowSyntaxError($"a table nested more than {MaxDepth} deep");
        }

        var deepest = depth;
        foreach (var field in fields)
        {
            if (field.Type is FieldType.Table or FieldType.Array)
            {
                var nested = new FieldEnumerator(field.Value, named: field.Type == FieldType.Table);
                deepest = Math.Max(deepest, DepthOf(nested, depth + 1));
            }
        }

        return deepest;
    }
}
