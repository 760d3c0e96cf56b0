using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Core.Journal;

/// <summary>Reads what <see cref="ByteBuilder"/> wrote; whatever does not fit is an <see cref="InvalidDataException"/> that says where.</summary>
/// <param name="what">What is read, for the error.</param>
/// <param name="bytes">The bytes.</param>
internal ref struct ByteParser(string what, ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The next byte's place.</summary>
    public int Position { get; set; }

    /// <summary>True when everything is read.</summary>
    public readonly bool AtEnd => Position >= _bytes.Length;

    /// <summary>Reads one byte.</summary>
    public byte Byte()
    {
        if (AtEnd)
        {
            Fail("it ends in the middle of a record");
        }

        return _bytes[Position++];
    }

    /// <summary>Reads a number of 64 bits.</summary>
    public long Varint()
    {
        var value = (ulong)Byte();
        if (value < 0x80)
        {
            return (long)value;
        }

        value &= 0x7f;
        for (var shift = 7; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                if (shift == 63 && part > 1)
                {
                    Fail("a number has more than 64 bits");
                }

                return (long)value;
            }
        }

        Fail("a number has more than 64 bits");
        return 0;
    }

    /// <summary>Reads a number that may be negative.</summary>
    public long Signed()
    {
        var value = Varint();
        return (long)((ulong)value >> 1) ^ -(value & 1);
    }

    /// <summary>Reads a number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public long Varint(long least, long most, string name)
    {
        var value = Varint();
        if (value < least || value > most)
        {
            Fail($"{name} is {value}, which is not between {least} and {most}");
        }

        return value;
    }

    /// <summary>The same for numbers of 32 bits.</summary>
    public int Int(int least, int most, string name) => (int)Varint(least, most, name);

    /// <summary>Steps over bytes.</summary>
    /// <returns>Where they start.</returns>
    public int Skip(int count, string name)
    {
        if (_bytes.Length - Position < count)
        {
            Fail($"{name} of {count} bytes goes beyond the end");
        }

        var start = Position;
        Position += count;
        return start;
    }

    /// <summary>What is read cannot be right.</summary>
    [DoesNotReturn]
    public readonly void Fail(string problem) =>
        throw new InvalidDataException($"{what} of {_bytes.Length} bytes is damaged or of another version: {problem} (byte {Position}).");
}
