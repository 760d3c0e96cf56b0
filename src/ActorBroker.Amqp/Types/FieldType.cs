namespace ActorBroker.Amqp.Types;

/// <summary>The type octets of field values, as RabbitMQ uses them; where AMQP 0-9-1 differs, RabbitMQ wins.</summary>
public static class FieldType
{
    /// <summary><c>t</c>: one octet, 0 is false.</summary>
    public const byte Boolean = (byte)'t';

    /// <summary><c>b</c>: signed 8-bit integer.</summary>
    public const byte SignedByte = (byte)'b';

    /// <summary><c>B</c>: unsigned 8-bit integer.</summary>
    public const byte UnsignedByte = (byte)'B';

    /// <summary><c>s</c>: signed 16-bit integer.</summary>
    public const byte SignedShort = (byte)'s';

    /// <summary><c>u</c>: unsigned 16-bit integer.</summary>
    public const byte UnsignedShort = (byte)'u';

    /// <summary><c>I</c>: signed 32-bit integer.</summary>
    public const byte SignedInt = (byte)'I';

    /// <summary><c>i</c>: unsigned 32-bit integer.</summary>
    public const byte UnsignedInt = (byte)'i';

    /// <summary><c>l</c>: signed 64-bit integer.</summary>
    public const byte SignedLong = (byte)'l';

    /// <summary><c>L</c>: unsigned 64-bit integer.</summary>
    public const byte UnsignedLong = (byte)'L';

    /// <summary><c>f</c>: IEEE 754 single.</summary>
    public const byte Float = (byte)'f';

    /// <summary><c>d</c>: IEEE 754 double.</summary>
    public const byte Double = (byte)'d';

    /// <summary><c>D</c>: octet of scale and 32-bit value.</summary>
    public const byte Decimal = (byte)'D';

    /// <summary><c>S</c>: long string.</summary>
    public const byte LongString = (byte)'S';

    /// <summary><c>A</c>: array of typed values, its size in bytes before it.</summary>
    public const byte Array = (byte)'A';

    /// <summary><c>T</c>: unsigned 64-bit seconds since 1970.</summary>
    public const byte Timestamp = (byte)'T';

    /// <summary><c>F</c>: nested field table.</summary>
    public const byte Table = (byte)'F';

    /// <summary><c>V</c>: no value.</summary>
    public const byte Void = (byte)'V';

    /// <summary><c>x</c>: bytes.</summary>
    public const byte Bytes = (byte)'x';
}
