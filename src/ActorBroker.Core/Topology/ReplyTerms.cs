using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Topology;

/// <summary>
/// Field types and values as they stand in RabbitMQ's reply texts: Erlang terms. Clients and their tests compare these
/// texts, so they are kept to the letter.
/// </summary>
internal static class ReplyTerms
{
    public static string TypeName(byte type) => type switch
    {
        FieldType.Boolean => "bool",
        FieldType.SignedByte => "byte",
        FieldType.UnsignedByte => "unsignedbyte",
        FieldType.SignedShort => "short",
        FieldType.UnsignedShort => "unsignedshort",
        FieldType.SignedInt => "signedint",
        FieldType.UnsignedInt => "unsignedint",
        FieldType.SignedLong => "long",
        FieldType.UnsignedLong => "unsignedlong",
        FieldType.Float => "float",
        FieldType.Double => "double",
        FieldType.Decimal => "decimal",
        FieldType.LongString => "longstr",
        FieldType.Array => "array",
        FieldType.Timestamp => "timestamp",
        FieldType.Table => "table",
        FieldType.Bytes => "binary",
        _ => "void",
    };

    /// <summary>A value within a term: strings as <c>&lt;&lt;"a"&gt;&gt;</c>.</summary>
    public static string Term(byte type, ReadOnlySpan<byte> value) => type switch
    {
        FieldType.Boolean => value[0] != 0 ? "true" : "false",
        FieldType.Void => "undefined",
        FieldType.UnsignedLong or FieldType.Timestamp => Text(BinaryPrimitives.ReadUInt64BigEndian(value)),
        FieldType.Float => Real(BinaryPrimitives.ReadSingleBigEndian(value)),
        FieldType.Double => Real(BinaryPrimitives.ReadDoubleBigEndian(value)),
        FieldType.Decimal => $"{{{value[0]},{BinaryPrimitives.ReadUInt32BigEndian(value[1..])}}}",
        FieldType.LongString or FieldType.Bytes when value.IsEmpty => "<<>>",
        FieldType.LongString or FieldType.Bytes => $"<<\"{Encoding.UTF8.GetString(value)}\">>",
        FieldType.Array => Elements(FieldTableBytes.EnumerateArray(value), named: false),
        FieldType.Table => Elements(FieldTableBytes.Enumerate(value), named: true),
        _ => FieldTableBytes.TryReadInteger(type, value, out var integer) ? Text(integer) : "undefined",
    };

    /// <summary>A value on its own: strings as they are, everything else as a term.</summary>
    public static string Plain(byte type, ReadOnlySpan<byte> value) =>
        type is FieldType.LongString or FieldType.Bytes ? Encoding.UTF8.GetString(value) : Term(type, value);

    private static string Elements(FieldEnumerator fields, bool named)
    {
        var text = new StringBuilder("[");
        foreach (var field in fields)
        {
            text.Append(text.Length == 1 ? "{" : ",{");
            if (named)
            {
                text.Append("<<\"").Append(Encoding.UTF8.GetString(field.Name)).Append("\">>,");
            }

            text.Append(TypeName(field.Type)).Append(',').Append(Term(field.Type, field.Value)).Append('}');
        }

        return text.Append(']').ToString();
    }

    private static string Real(double number)
    {
        var text = Text(number);
        return text.TrimStart('-').All(char.IsAsciiDigit) ? text + ".0" : text;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
