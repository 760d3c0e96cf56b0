namespace ActorBroker.Publishing;

/// <summary>
/// Bytes of one kind that all connections of a broker hold together. Each has a bound of its own, but many connections together must not
/// use up the memory: when the share is taken, each may hold <see cref="WhenUsedUp"/> bytes only. Any thread.
/// </summary>
/// <param name="most">Bytes of the share.</param>
internal sealed class MemoryShare(long most)
{
    /// <summary>Bytes that one connection may hold while the share is used up.</summary>
    public const int WhenUsedUp = 64 << 10;

    private long _bytes;

    /// <summary>The bound of one connection, now.</summary>
    /// <param name="usual">Its bound while there is enough for all.</param>
    public long LimitOf(long usual) => Volatile.Read(ref _bytes) > most ? Math.Min(usual, WhenUsedUp) : usual;

    /// <summary>Bytes that are held from now on; negative for bytes that are not held any more.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}

/// <summary>What the connections of one broker share: an eighth each of the memory over which publishers are blocked.</summary>
/// <param name="watermark">In bytes.</param>
internal sealed class MemoryShares(long watermark)
{
    private const long Least = 1 << 20;

    /// <summary>Published, and not yet accepted by queues.</summary>
    public MemoryShare InFlight { get; } = new(Math.Max(Least, watermark / 8));

    /// <summary>Frames that wait behind an answer.</summary>
    public MemoryShare HeldFrames { get; } = new(Math.Max(Least, watermark / 8));

    /// <summary>Buffers of what is to be sent.</summary>
    public MemoryShare Outboxes { get; } = new(Math.Max(Least, watermark / 8));
}
