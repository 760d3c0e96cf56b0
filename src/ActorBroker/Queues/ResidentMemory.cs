namespace ActorBroker.Queues;

/// <summary>
/// Memory of the waiting messages of all durable queues of a broker. Each queue may keep a good part of its head in memory as long
/// as all together are modest; beyond that each keeps little, and the rest is in the logs only. Any thread.
/// </summary>
/// <param name="perQueue">Bytes that one queue may keep.</param>
/// <param name="total">Bytes of all queues, from which on each keeps <see cref="Least"/> only.</param>
internal sealed class ResidentMemory(long perQueue, long total)
{
    /// <summary>What a queue may always keep, in bytes.</summary>
    public const long Least = 256 * 1024;

    private const long Grain = 64 * 1024;

    private long _bytes;

    /// <summary>Bytes of all queues, about.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What one queue may keep now.</summary>
    public long Window => Bytes < total ? perQueue : Math.Min(Least, perQueue);

    /// <summary>A queue has more or less than it said last.</summary>
    /// <param name="reported">What it said last.</param>
    /// <param name="now">What it has.</param>
    public void Report(ref long reported, long now)
    {
        if (Math.Abs(now - reported) >= Grain || (now == 0 && reported != 0))
        {
            Interlocked.Add(ref _bytes, now - reported);
            reported = now;
        }
    }
}
