using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ActorBroker.Amqp.Types;

/// <summary>Writes AMQP data fields, in order, into a buffer that grows. Made to be cleared and used again.</summary>
/// <remarks>Not thread-safe. <see cref="Written"/> is valid until the next write.</remarks>
public sealed class AmqpWriter : IBufferWriter<byte>
{
    private byte[] _buffer;
    private int _length;

    /// <summary>Starts with room for <paramref name="capacity"/> bytes.</summary>
    public AmqpWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>How many bytes have been written since the last <see cref="Clear"/>.</summary>
    public int Length => _length;

    /// <summary>All that was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>The same bytes as <see cref="Written"/>, for asynchronous senders.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _length);
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_length);
    }

    /// <summary>Writes an unsigned 8-bit integer.</summary>
    public void WriteOctet(byte value) => Take(1)[0] = value;

    /// <summary>Writes an unsigned 16-bit integer.</summary>
    public void WriteShort(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    /// <summary>Writes an unsigned 32-bit integer.</summary>
    public void WriteLong(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    /// <summary>Writes an unsigned 64-bit integer.</summary>
    public void WriteLongLong(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(sizeof(ulong)), value);

    /// <summary>Writes a timestamp in whole seconds.</summary>
    public void WriteTimestamp(AmqpTimestamp value) => WriteLongLong(value.SecondsSinceEpoch);

    /// <summary>Writes neighbouring bits as one octet, the first bit lowest.</summary>
    public void WriteBits(bool b0, bool b1 = false, bool b2 = false, bool b3 = false, bool b4 = false) => WriteOctet(
        (byte)((b0 ? 1 : 0) | (b1 ? 2 : 0) | (b2 ? 4 : 0) | (b3 ? 8 : 0) | (b4 ? 16 : 0)));

    /// <summary>Writes bytes as they are, with no length before them.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Writes a short string.</summary>
    /// <exception cref="ArgumentException">More than 255 bytes.</exception>
    public void WriteShortString(ReadOnlySpan<byte> value)
    {
        CheckShort(value.Length);
        var target = Take(1 + value.Length);
        target[0] = (byte)value.Length;
        value.CopyTo(target[1..]);
    }

    /// <summary>Writes a short string as UTF-8.</summary>
    /// <exception cref="ArgumentException">More than 255 bytes.</exception>
    public void WriteShortString(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        CheckShort(length);
        var target = Take(1 + length);
        target[0] = (byte)length;
        Encoding.UTF8.GetBytes(value, target[1..]);
    }

    /// <summary>Writes a long string.</summary>
    public void WriteLongString(ReadOnlySpan<byte> value)
    {
        WriteLong((uint)value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes a long string as UTF-8.</summary>
    public void WriteLongString(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteLong((uint)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Writes a field table with its length.</summary>
    public void WriteTable(FieldTable value) => WriteLongString(value.Encoded);

    /// <summary>
    /// Leaves room for a 32-bit length that is not known yet; hand the result to <see cref="EndLength"/>.
    /// </summary>
    internal int BeginLength()
    {
        Take(sizeof(uint));
        return _length;
    }

    /// <summary>
    /// Fills in how many bytes were written since <see cref="BeginLength"/> returned <paramref name="start"/>.
    /// </summary>
    internal void EndLength(int start) =>
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(start - sizeof(uint)), (uint)(_length - start));

    private static void CheckShort(int length)
    {
        if (length > byte.MaxValue)
        {
            throw new ArgumentException($"A short string holds 255 bytes, not {length}.");
        }
    }

    private Span<byte> Take(int count)
    {
        EnsureRoom(count);
        var target = _buffer.AsSpan(_length, count);
        _length += count;
        return target;
    }

    private void EnsureRoom(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var size = Math.Clamp(2L * _buffer.Length, (long)_length + count, Array.MaxLength);
            Array.Resize(ref _buffer, (int)size);
        }
    }
}
