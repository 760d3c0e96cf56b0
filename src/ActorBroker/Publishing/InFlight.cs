namespace ActorBroker.Publishing;

/// <summary>
/// Bytes of one publisher that were handed to queues and not yet accepted by them. Over the limit a connection's socket is not
/// read, so that the back-pressure reaches the publisher: mailboxes cannot grow beyond limit x connections.
/// </summary>
internal sealed class InFlight(long limit) : IPublisherCredit
{
    private long _bytes;
    private TaskCompletionSource? _room;

    /// <summary>True while the socket must not be read.</summary>
    public bool IsFull => Volatile.Read(ref _bytes) > limit;

    /// <summary>True when it would be with so many bytes more.</summary>
    public bool IsFullWith(long bytes) => Volatile.Read(ref _bytes) + bytes > limit;

    /// <summary>Handed on.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <inheritdoc/>
    public void Handed(long bytes) => Add(bytes);

    /// <inheritdoc/>
    public void Accepted(long bytes)
    {
        if (Interlocked.Add(ref _bytes, -bytes) <= limit / 2 && Volatile.Read(ref _room) is { } room && room.TrySetResult())
        {
            Interlocked.CompareExchange(ref _room, null, room);
        }
    }

    /// <summary>Completes when half of the limit is free again. Any number may wait.</summary>
    public async ValueTask WhenRoom(CancellationToken closed)
    {
        while (IsFull)
        {
            var room = Room();
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _bytes) > limit / 2)
            {
                await room.Task.WaitAsync(closed).ConfigureAwait(false);
            }
        }
    }

    private TaskCompletionSource Room()
    {
        while (true)
        {
            var known = Volatile.Read(ref _room);
            if (known is { Task.IsCompleted: false })
            {
                return known;
            }

            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref _room, room, known) == known)
            {
                return room;
            }
        }
    }
}
