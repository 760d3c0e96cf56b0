using System.Buffers.Binary;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// Compares encoded field values as RabbitMQ does: by value, whatever width or kind of number it came as.
/// </summary>
internal static class FieldComparison
{
    public static bool SameValue(byte leftType, ReadOnlySpan<byte> left, byte rightType, ReadOnlySpan<byte> right)
    {
        if (IsText(leftType))
        {
            return IsText(rightType) && left.SequenceEqual(right);
        }

        if (TryReadInteger(leftType, left, out var integer))
        {
            return TryReadInteger(rightType, right, out var other)
                ? integer == other
                : TryReadReal(rightType, right, out var otherReal) && (double)integer == otherReal;
        }

        if (TryReadReal(leftType, left, out var real))
        {
            return TryReadReal(rightType, right, out var otherReal)
                ? real == otherReal
                : TryReadInteger(rightType, right, out var other) && real == (double)other;
        }

        // Of bool any octet but 0 is true; decimals, arrays, tables and void are the same when their bytes are.
        return leftType == rightType
            && (leftType == FieldType.Boolean ? left[0] != 0 == (right[0] != 0) : left.SequenceEqual(right));
    }

    private static bool IsText(byte type) => type is FieldType.LongString or FieldType.Bytes;

    private static bool TryReadInteger(byte type, ReadOnlySpan<byte> value, out Int128 integer)
    {
        if (type is FieldType.UnsignedLong or FieldType.Timestamp)
        {
            integer = BinaryPrimitives.ReadUInt64BigEndian(value);
            return true;
        }

        var read = FieldTableBytes.TryReadInteger(type, value, out var signed);
        integer = signed;
        return read;
    }

    private static bool TryReadReal(byte type, ReadOnlySpan<byte> value, out double real)
    {
        real = type switch
        {
            FieldType.Float => BinaryPrimitives.ReadSingleBigEndian(value),
            FieldType.Double => BinaryPrimitives.ReadDoubleBigEndian(value),
            _ => 0,
        };
        return type is FieldType.Float or FieldType.Double;
    }
}
