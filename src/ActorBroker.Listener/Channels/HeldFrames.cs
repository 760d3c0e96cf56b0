using System.Buffers.Binary;
using ActorBroker.Publishing;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// What a channel may not do yet: one of its methods has no answer, and frames that come meanwhile wait behind it, in order. Holds no
/// memory before the first of them. Their bound is the connection's: as many bytes as may be in flight.
/// </summary>
internal sealed class HeldFrames
{
    private const int HeaderSize = 5; // type, length of the payload
    private const int Generous = 64 << 10; // up to here the buffer doubles; what is larger counts with that of all connections

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Ids of the method that has no answer yet, for the error it may cause.</summary>
    public uint Method { get; set; }

    /// <summary>True when nothing waits behind it.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Takes a frame.</summary>
    /// <returns>Bytes that it takes.</returns>
    public int Append(byte type, ReadOnlySpan<byte> payload)
    {
        var size = HeaderSize + payload.Length;
        MakeRoom(size);
        _buffer[_end] = type;
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_end + 1), payload.Length);
        payload.CopyTo(_buffer.AsSpan(_end + HeaderSize));
        _end += size;
        return size;
    }

    /// <summary>Gives the oldest frame out.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="payload">Its payload, until the next <see cref="Append"/> or <see cref="Drop"/>.</param>
    /// <returns>Bytes that it took; 0 when there is none.</returns>
    public int Take(out byte type, out ReadOnlySpan<byte> payload)
    {
        if (IsEmpty)
        {
            type = 0;
            payload = default;
            return 0;
        }

        type = _buffer[_start];
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start + 1));
        payload = _buffer.AsSpan(_start + HeaderSize, length);
        _start += HeaderSize + length;
        return HeaderSize + length;
    }

    /// <summary>Forgets what is left, and gives its memory back.</summary>
    /// <returns>Bytes that were left.</returns>
    public int Drop()
    {
        var left = _end - _start;
        PassingBuffers.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        return left;
    }

    private void MakeRoom(int size)
    {
        if (_buffer.Length - _end >= size)
        {
            return;
        }

        var left = _end - _start;
        var roomy = left + size + Math.Max((left + size) / 4, Math.Min(left + size, Generous));
        var target = _buffer.Length >= roomy ? _buffer : PassingBuffers.Rent(roomy);
        Buffer.BlockCopy(_buffer, _start, target, 0, left);
        if (target != _buffer)
        {
            PassingBuffers.Return(_buffer);
            _buffer = target;
        }

        (_start, _end) = (0, left);
    }
}
