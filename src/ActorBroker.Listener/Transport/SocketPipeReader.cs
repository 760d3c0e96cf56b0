using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Reads a socket into one contiguous buffer: a frame never lies across segments. An idle connection holds no buffer, and one that has
/// not finished its handshake a small one.
/// </summary>
internal sealed class SocketPipeReader(Socket socket) : PipeReader
{
    private const int SmallBuffer = 8 * 1024;
    private const int LargeBuffer = 64 * 1024;

    private int _size = SmallBuffer;
    private byte[] _buffer = [];
    private int _start;
    private int _examined;
    private int _end;
    private bool _ended;
    private volatile bool _cancelled;

    /// <summary>From the next read on, the buffer is a large one.</summary>
    public void ReadMuch() => _size = LargeBuffer;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var buffered))
        {
            return buffered;
        }

        try
        {
            if (_start == _end)
            {
                GiveBack();
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }

            MakeRoom();
            var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            _end += received;
            _ended = received == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }

        return Result();
    }

    public override bool TryRead(out ReadResult result)
    {
        var any = _end > _examined || _ended || _cancelled;
        result = any ? Result() : default;
        return any;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _start += consumed.GetInteger() - _start;
        _examined = examined.GetInteger();
        if (_start == _end)
        {
            _start = _end = _examined = 0;
        }
    }

    public override void CancelPendingRead() => _cancelled = true;

    public override void Complete(Exception? exception = null) => GiveBack();

    private ReadResult Result()
    {
        var cancelled = _cancelled;
        _cancelled = false;
        return new ReadResult(new ReadOnlySequence<byte>(_buffer, _start, _end - _start), cancelled, _ended);
    }

    /// <summary>Room behind what has arrived: what is left of a frame moves to the front; a frame larger than the buffer gets a larger one.</summary>
    private void MakeRoom()
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(_size);
            return;
        }

        if (_buffer.Length - _end >= _size / 4)
        {
            return;
        }

        var left = _end - _start;
        var target = left > _buffer.Length / 2 || _buffer.Length < _size ? ArrayPool<byte>.Shared.Rent(Math.Max(_size, _buffer.Length * 2)) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, left);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _examined -= _start;
        _start = 0;
        _end = left;
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _start = _end = _examined = 0;
    }
}
