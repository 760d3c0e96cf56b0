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

    /// <summary>Handed on.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <inheritdoc/>
    public void Handed(long bytes) => Add(bytes);

    /// <inheritdoc/>
    public void Accepted(long bytes)
    {
        if (Interlocked.Add(ref _bytes, -bytes) <= limit / 2)
        {
            Volatile.Read(ref _room)?.TrySetResult();
        }
    }

    /// <summary>Completes when half of the limit is free again.</summary>
    public async ValueTask WhenRoom(CancellationToken closed)
    {
        while (IsFull)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _bytes) > limit / 2)
            {
                await room.Task.WaitAsync(closed).ConfigureAwait(false);
            }
        }

        Volatile.Write(ref _room, null);
    }
}
