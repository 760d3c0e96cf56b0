namespace ActorBroker.Core.Channels;

/// <summary>
/// How many bytes a queue may have under way to one consumer that its socket has not taken yet. The queue adds what it hands out,
/// the consumer's side grants it back when its outbox has room: a slow client stops its queue, not the broker's memory.
/// </summary>
/// <remarks>Two counters, each with one writer; read across threads without a lock.</remarks>
internal sealed class DeliveryWindow(long size)
{
    private long _sent;
    private long _granted;
    private int _waiting;

    /// <summary>Cost of a delivery beyond its own bytes: frames, slots.</summary>
    public const int PerMessage = 64;

    /// <summary>True while the queue may hand out more. Written and read by the queue's side.</summary>
    public bool IsOpen => _sent - Volatile.Read(ref _granted) < size;

    /// <summary>The queue handed out <paramref name="bytes"/> more.</summary>
    public void Sent(long bytes) => _sent += bytes;

    /// <summary>
    /// The queue found the window closed and will wait.
    /// </summary>
    /// <returns>False when it opened meanwhile, so that nobody would tell.</returns>
    public bool Wait()
    {
        Interlocked.Exchange(ref _waiting, 1);
        return !IsOpen || Interlocked.Exchange(ref _waiting, 0) == 0;
    }

    /// <summary>The consumer's side got rid of <paramref name="bytes"/>.</summary>
    /// <returns>True when the queue waits for this and must be told.</returns>
    public bool Grant(long bytes)
    {
        Interlocked.Add(ref _granted, bytes);
        return Volatile.Read(ref _waiting) != 0 && Interlocked.Exchange(ref _waiting, 0) != 0;
    }
}
