namespace ActorBroker.Core.Journal;

/// <summary>Bytes that grow at the end; the memory is used again.</summary>
internal sealed class ByteBuilder(int capacity)
{
    private const int LongestVarint = 10;

    private byte[] _bytes = new byte[capacity];

    /// <summary>How many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written, and memory that one large message needed.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > 4L * capacity)
        {
            _bytes = new byte[capacity];
        }
    }

    /// <summary>Writes one byte.</summary>
    public void Byte(byte value)
    {
        Ensure(1);
        _bytes[Length++] = value;
    }

    /// <summary>Writes a number of 1 to 10 bytes, LEB128.</summary>
    public void Varint(long value)
    {
        Ensure(LongestVarint);
        var rest = (ulong)value;
        var (bytes, position) = (_bytes, Length);
        while (rest >= 0x80)
        {
            bytes[position++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        bytes[position++] = (byte)rest;
        Length = position;
    }

    /// <summary>Writes a number that may be negative: small absolute values are short.</summary>
    public void Signed(long value) => Varint((value << 1) ^ (value >> 63));

    /// <summary>Writes bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Ensure(value.Length);
        value.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>An array of exactly what was written.</summary>
    public byte[] ToArray()
    {
        var exact = GC.AllocateUninitializedArray<byte>(Length);
        Written.CopyTo(exact);
        return exact;
    }

    private void Ensure(int more)
    {
        if (_bytes.Length - Length < more)
        {
            Grow(more);
        }
    }

    private void Grow(int more)
    {
        var needed = checked(Length + more);
        var larger = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(2L * _bytes.Length, needed, Array.MaxLength));
        Written.CopyTo(larger);
        _bytes = larger;
    }
}
