using ActorBroker.Addresses;

namespace ActorBroker.Publishing;

/// <summary>
/// Bytes of one publisher that were handed to queues and not yet accepted by them. Over the limit a connection's socket is not
/// read, so that the back-pressure reaches the publisher: mailboxes cannot grow beyond limit x connections, nor much beyond what all
/// connections share.
/// </summary>
/// <param name="limit">Bytes of this one.</param>
/// <param name="share">Where they count with those of the others.</param>
internal sealed class InFlight(long limit, MemoryShare share) : IPublisherCredit
{
    private long _bytes;
    private TaskCompletionSource? _room;

    private long Limit => share.LimitOf(limit);

    /// <summary>True while the socket must not be read.</summary>
    public bool IsFull => Volatile.Read(ref _bytes) > Limit;

    /// <summary>True when so many bytes more would fill it.</summary>
    public bool IsFullWith(long bytes) => Volatile.Read(ref _bytes) + bytes > Limit;

    /// <summary>Bytes were handed to queues.</summary>
    public void Add(long bytes)
    {
        share.Add(bytes);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <inheritdoc/>
    public void Handed(long bytes) => Add(bytes);

    /// <inheritdoc/>
    public void Accepted(long bytes)
    {
        share.Add(-bytes);
        if (Interlocked.Add(ref _bytes, -bytes) <= Limit / 2 && Volatile.Read(ref _room) is { } room && room.TrySetResult())
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
            if (Volatile.Read(ref _bytes) > Limit / 2)
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
