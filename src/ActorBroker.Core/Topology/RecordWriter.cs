using System.Buffers.Binary;
using System.Buffers;
using System.Text;
using ActorBroker.Core.Journal;

namespace ActorBroker.Core.Topology;

/// <summary>Writes the fields of a record: numbers in 7-bit groups, lowest first, and everything else with its length before it.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>The record with its checksum at the end.</summary>
    public byte[] ToCheckedArray(long place)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(Crc32C.Length), Crc32C.Of(_buffer.WrittenSpan, place));
        _buffer.Advance(Crc32C.Length);
        return ToArray();
    }

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <param name="value">0 or more.</param>
    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        _buffer.Write(value);
    }

    public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));
}
