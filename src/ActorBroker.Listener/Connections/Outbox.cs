using System.IO.Pipelines;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Consumers;
using ActorBroker.Publishing;
using ActorBroker.Scheduling;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// What one connection sends. Everybody who has something for this client encodes under <see cref="Lock"/>; one send loop at a time
/// carries it to the socket. An idle connection holds no buffer. Never throws: after a fault or <see cref="Close"/> it swallows.
/// </summary>
internal sealed class Outbox(PipeWriter output, MemoryShare share, Action onFault) : IDeferredFlush
{
    /// <summary>Above this many unsent bytes consumers hold back.</summary>
    public const int CongestedAt = 1 << 20;

    /// <summary>
    /// Above this many unsent bytes the connection is not read: consumers stay below it by themselves, so the client asks for answers
    /// (basic.get, basic.return) and does not take them.
    /// </summary>
    public const int OverfullAt = 16 << 20;

    private const int InitialCapacity = 4096;
    private const int KeptCapacity = 4 * CongestedAt;

    [ThreadStatic]
    private static AmqpWriter? _scratch;

    private readonly HashSet<IActorRef> _waiting = [];
    private byte[] _buffer = [];
    private byte[] _spare = []; // the other half of the double buffer, while sending goes on
    private int _length;
    private int _sending; // bytes that the send loop has taken and not finished
    private bool _busy;
    private bool _closed;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _room;

    /// <summary>Guards the outbox and all that consumers and the read loop share of the connection's channels.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Sends so far; heartbeats are sent when it stands still.</summary>
    public long Sends { get; private set; }

    /// <summary>True while the client does not take what it gets.</summary>
    public bool IsCongested => !_closed && Unsent > share.LimitOf(CongestedAt);

    /// <summary>True while the client must not ask for more.</summary>
    public bool IsOverfull => Unsent > share.LimitOf(OverfullAt);

    /// <summary>Bytes of its buffers, without what is being sent.</summary>
    internal int Held => _buffer.Length + _spare.Length;

    private long Unsent => (long)Volatile.Read(ref _length) + Volatile.Read(ref _sending);

    /// <summary>Asks for one <see cref="ConsumerProtocol.Drained"/> when the congestion is over.</summary>
    public void WhenDrained(IActorRef consumer)
    {
        lock (Lock)
        {
            if (IsCongested && !_closed)
            {
                _waiting.Add(consumer);
                return;
            }
        }

        consumer.Tell(ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);
    }

    /// <summary>Makes room for what is about to be written, so that the buffer does not grow step by step. Under <see cref="Lock"/>.</summary>
    public void Reserve(long bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Grow((int)Math.Min(bytes, KeptCapacity));
        }
    }

    /// <summary>Room for at least <paramref name="size"/> bytes. Under <see cref="Lock"/>.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_buffer.Length - _length < size)
        {
            Grow(size);
        }

        return _buffer.AsSpan(_length);
    }

    /// <summary>Counts what was written to the last <see cref="GetSpan"/>. Under <see cref="Lock"/>.</summary>
    public void Advance(int count)
    {
        if (_closed)
        {
            _length = 0;
            GiveBack(ref _buffer); // nobody comes to do it later
            return;
        }

        _length += count;
    }

    /// <summary>Writes a method frame. Takes the lock itself; it may be held already.</summary>
    public void Write<T>(ushort channel, in T method)
        where T : struct, IAmqpMethod, allows ref struct
    {
        var scratch = _scratch ??= new AmqpWriter();
        scratch.Clear();
        FrameWriter.WriteMethod(scratch, channel, method);
        Append(scratch.Written);
    }

    /// <summary>Writes bytes that are complete frames. Takes the lock itself; it may be held already.</summary>
    public void Append(ReadOnlySpan<byte> frames)
    {
        lock (Lock)
        {
            frames.CopyTo(GetSpan(frames.Length));
            Advance(frames.Length);
        }
    }

    /// <summary>Sends at the end of the current turn, or now when there is none.</summary>
    public void RequestFlush() => HotTurn.RequestFlush(this);

    /// <inheritdoc/>
    public void FlushNow()
    {
        lock (Lock)
        {
            if (_busy || _length == 0 || _closed)
            {
                return;
            }

            _busy = true;
        }

        _ = SendAsync();
    }

    /// <summary>Completes when everything written so far has gone to the socket, or cannot any more.</summary>
    public Task WhenIdle()
    {
        FlushNow();
        lock (Lock)
        {
            return _busy ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Completes when the outbox is no longer overfull, or nothing can be sent any more.</summary>
    public Task WhenRoom()
    {
        FlushNow();
        lock (Lock)
        {
            return IsOverfull && !_closed
                ? (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    /// <summary>True while somebody waits for room.</summary>
    public bool IsAwaited => Volatile.Read(ref _room) is not null;

    /// <summary>Others may have given back what made this one overfull: who waits for room has it.</summary>
    public void LookForRoom()
    {
        lock (Lock)
        {
            if (!IsOverfull)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }

    /// <summary>The connection sends nothing more; buffers are given back.</summary>
    public void Close()
    {
        IActorRef[] waiting;
        lock (Lock)
        {
            _closed = true;
            _length = 0;
            waiting = [.. _waiting];
            _waiting.Clear();
            _idle?.TrySetResult();
            _room?.TrySetResult();
            if (!_busy)
            {
                GiveBack(ref _buffer);
                GiveBack(ref _spare);
            }
        }

        Tell(waiting);
    }

    private async Task SendAsync()
    {
        byte[] buffer = [];
        try
        {
            while (TryTake(out buffer, out var length))
            {
                for (var sent = 0; sent < length; sent += CongestedAt)
                {
                    var piece = buffer.AsMemory(sent, Math.Min(CongestedAt, length - sent));
                    var result = await output.WriteAsync(piece).ConfigureAwait(false);
                    if (result.IsCompleted || result.IsCanceled)
                    {
                        Fault(buffer);
                        return;
                    }

                    Sends++;
                }

                Tell(Sent(buffer));
            }
        }
        catch (Exception) // whatever the transport throws: the connection is gone, its read loop cleans up
        {
            Fault(buffer);
        }
    }

    private bool TryTake(out byte[] buffer, out int length)
    {
        lock (Lock)
        {
            buffer = _buffer;
            length = _length;
            if (length == 0 || _closed)
            {
                _busy = false;
                _idle?.TrySetResult();
                _idle = null;
                GiveBack(ref _buffer);
                GiveBack(ref _spare);
                return false;
            }

            _buffer = _spare;
            _spare = [];
            _length = 0;
            _sending = length;
            return true;
        }
    }

    private IActorRef[] Sent(byte[] buffer)
    {
        lock (Lock)
        {
            _sending = 0;
            if (_spare.Length == 0 && buffer.Length <= KeptCapacity && !_closed)
            {
                _spare = buffer;
            }
            else
            {
                GiveBack(ref buffer);
            }

            if (!IsOverfull)
            {
                _room?.TrySetResult();
                _room = null;
            }

            if (_waiting.Count == 0 || IsCongested)
            {
                return [];
            }

            IActorRef[] waiting = [.. _waiting];
            _waiting.Clear();
            return waiting;
        }
    }

    /// <param name="lost">The buffer that was being sent: the transport may still look at it, so it does not go back to the pool.</param>
    private void Fault(byte[] lost)
    {
        share.Add(-lost.Length);
        lock (Lock)
        {
            _busy = false;
        }

        Close();
        onFault();
    }

    private void Grow(int size)
    {
        var larger = PassingBuffers.Rent(Math.Max(InitialCapacity, Math.Max(_length + size, _buffer.Length * 2)));
        share.Add(larger.Length);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        GiveBack(ref _buffer);
        _buffer = larger;
    }

    private void GiveBack(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            share.Add(-buffer.Length);
            PassingBuffers.Return(buffer);
        }

        buffer = [];
    }

    private static void Tell(IActorRef[] consumers)
    {
        foreach (var consumer in consumers)
        {
            consumer.Tell(ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);
        }
    }
}
