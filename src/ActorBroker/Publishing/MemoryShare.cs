namespace ActorBroker.Publishing;

/// <summary>
/// Bytes of one kind that all connections of the process hold together. Each has a bound of its own, but many connections together must
/// not use up the memory: when an eighth of it is taken, each may hold <see cref="WhenUsedUp"/> bytes only. Any thread.
/// </summary>
internal sealed class MemoryShare
{
    /// <summary>Bytes that one connection may hold while the share is used up.</summary>
    public const int WhenUsedUp = 64 << 10;

    /// <summary>Published, and not yet accepted by queues.</summary>
    public static readonly MemoryShare InFlight = new();

    /// <summary>Frames that wait behind an answer.</summary>
    public static readonly MemoryShare HeldFrames = new();

    /// <summary>Buffers of what is to be sent.</summary>
    public static readonly MemoryShare Outboxes = new();

    private readonly long _most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;
    private long _bytes;

    /// <summary>The bound of one connection, now.</summary>
    /// <param name="usual">Its bound while there is enough for all.</param>
    public long LimitOf(long usual) => Volatile.Read(ref _bytes) > _most ? Math.Min(usual, WhenUsedUp) : usual;

    /// <summary>So many more, or fewer.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
