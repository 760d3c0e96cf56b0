using System.Buffers.Binary;
using System.Collections;
using System.Text;
using System.Text.Unicode;

namespace ActorBroker.Amqp.Types;

/// <summary>Field values from and to CLR objects. <see cref="FieldTable"/> says which type becomes which.</summary>
internal static class FieldValueCodec
{
    /// <summary>Decodes a value out of a table that was validated.</summary>
    public static object? Read(byte type, ReadOnlySpan<byte> value) => type switch
    {
        FieldType.Boolean => value[0] != 0,
        FieldType.SignedByte => (sbyte)value[0],
        FieldType.UnsignedByte => value[0],
        FieldType.SignedShort => BinaryPrimitives.ReadInt16BigEndian(value),
        FieldType.UnsignedShort => BinaryPrimitives.ReadUInt16BigEndian(value),
        FieldType.SignedInt => BinaryPrimitives.ReadInt32BigEndian(value),
        FieldType.UnsignedInt => BinaryPrimitives.ReadUInt32BigEndian(value),
        FieldType.SignedLong => BinaryPrimitives.ReadInt64BigEndian(value),
        FieldType.UnsignedLong => BinaryPrimitives.ReadUInt64BigEndian(value),
        FieldType.Float => BinaryPrimitives.ReadSingleBigEndian(value),
        FieldType.Double => BinaryPrimitives.ReadDoubleBigEndian(value),
        FieldType.Decimal => new AmqpDecimal(value[0], BinaryPrimitives.ReadUInt32BigEndian(value[1..])),
        FieldType.Timestamp => new AmqpTimestamp(BinaryPrimitives.ReadUInt64BigEndian(value)),
        FieldType.LongString => Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : new LongString(value),
        FieldType.Bytes => value.ToArray(),
        FieldType.Table => FieldTable.FromValidated(value),
        FieldType.Array => ReadArray(value),
        _ => null,
    };

    /// <summary>Writes type and value.</summary>
    /// <exception cref="ArgumentException">No AMQP type for the value, or nested too deep.</exception>
    public static void Write(AmqpWriter output, object? value, int depth)
    {
        switch (value)
        {
            case null:
                output.WriteOctet(FieldType.Void);
                break;
            case string v:
                output.WriteOctet(FieldType.LongString);
                output.WriteLongString(v);
                break;
            case LongString v:
                output.WriteOctet(FieldType.LongString);
                output.WriteLongString(v.Span);
                break;
            case bool v:
                output.WriteOctet(FieldType.Boolean);
                output.WriteBits(v);
                break;
            case sbyte v:
                output.WriteOctet(FieldType.SignedByte);
                output.WriteOctet((byte)v);
                break;
            case byte v:
                output.WriteOctet(FieldType.UnsignedByte);
                output.WriteOctet(v);
                break;
            case short v:
                output.WriteOctet(FieldType.SignedShort);
                output.WriteShort((ushort)v);
                break;
            case ushort v:
                output.WriteOctet(FieldType.UnsignedShort);
                output.WriteShort(v);
                break;
            case int v:
                output.WriteOctet(FieldType.SignedInt);
                output.WriteLong((uint)v);
                break;
            case uint v:
                output.WriteOctet(FieldType.UnsignedInt);
                output.WriteLong(v);
                break;
            case long v:
                output.WriteOctet(FieldType.SignedLong);
                output.WriteLongLong((ulong)v);
                break;
            case ulong v:
                output.WriteOctet(FieldType.UnsignedLong);
                output.WriteLongLong(v);
                break;
            case float v:
                output.WriteOctet(FieldType.Float);
                output.WriteLong(BitConverter.SingleToUInt32Bits(v));
                break;
            case double v:
                output.WriteOctet(FieldType.Double);
                output.WriteLongLong(BitConverter.DoubleToUInt64Bits(v));
                break;
            case AmqpDecimal v:
                output.WriteOctet(FieldType.Decimal);
                output.WriteOctet(v.Scale);
                output.WriteLong(v.Value);
                break;
            case AmqpTimestamp v:
                output.WriteOctet(FieldType.Timestamp);
                output.WriteTimestamp(v);
                break;
            case DateTimeOffset v:
                output.WriteOctet(FieldType.Timestamp);
                output.WriteTimestamp(AmqpTimestamp.From(v));
                break;
            case byte[] v:
                output.WriteOctet(FieldType.Bytes);
                output.WriteLongString(v);
                break;
            case FieldTable v:
                CheckDepth(depth + FieldTableBytes.DepthOf(v.Encoded));
                output.WriteOctet(FieldType.Table);
                output.WriteTable(v);
                break;
            case IEnumerable<KeyValuePair<string, object?>> v:
                WriteTable(output, v, depth + 1);
                break;
            case IEnumerable v:
                WriteArray(output, v, depth + 1);
                break;
            default:
                throw new ArgumentException($"AMQP has no field type for {value.GetType()}.");
        }
    }

    /// <summary>Writes the fields of a table, no length before them.</summary>
    /// <exception cref="ArgumentException">Two fields of one name; a name or value that cannot be written.</exception>
    public static void WriteFields(AmqpWriter output, IEnumerable<KeyValuePair<string, object?>> fields, int depth)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"Two fields are named '{name}'.");
            }

            output.WriteShortString(name);
            Write(output, value, depth);
        }
    }

    private static object?[] ReadArray(ReadOnlySpan<byte> array)
    {
        var elements = new List<object?>();
        foreach (var element in FieldTableBytes.EnumerateArray(array))
        {
            elements.Add(Read(element.Type, element.Value));
        }

        return elements.ToArray();
    }

    private static void WriteTable(AmqpWriter output, IEnumerable<KeyValuePair<string, object?>> fields, int depth)
    {
        CheckDepth(depth);
        output.WriteOctet(FieldType.Table);
        var start = output.BeginLength();
        WriteFields(output, fields, depth);
        output.EndLength(start);
    }

    private static void WriteArray(AmqpWriter output, IEnumerable elements, int depth)
    {
        CheckDepth(depth);
        output.WriteOctet(FieldType.Array);
        var start = output.BeginLength();
        foreach (var element in elements)
        {
            Write(output, element, depth);
        }

        output.EndLength(start);
    }

    private static void CheckDepth(int depth)
    {
        if (depth > FieldTableBytes.MaxDepth)
        {
            throw new ArgumentException($"A table nested more than {FieldTableBytes.MaxDepth} deep.");
        }
    }
}
