using System.Collections.Concurrent;

namespace ActorBroker.Core.Messages;

/// <summary>
/// A pinned, pooled block of 64 KiB that holds the bytes of many messages under one reference count.
/// </summary>
/// <remarks>
/// One reference per (message, queue). The one who fills a slab holds a large bias of references and settles it once,
/// in <see cref="Retire"/>: so handing out a message costs a plain increment, not an interlocked one.
/// A slab whose references are never all returned is simply collected: the pool holds free slabs only.
/// </remarks>
internal sealed class Slab
{
    /// <summary>Bytes in a slab. Below the large-object threshold, so that unpinned leftovers stay cheap for the collector.</summary>
    public const int Size = 64 * 1024;

    /// <summary>Messages larger than this get a buffer of their own, so that one of them does not pin a slab.</summary>
    public const int LargestShared = Size / 2;

    private const int Bias = 1 << 28;

    private static readonly int MaxPooled = (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Size / 32, 16, 1024);

    private static readonly ConcurrentQueue<Slab> Pool = new();
    private static int _pooled;

    private int _references;
    private int _given;

    private Slab() => Bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);

    /// <summary>The memory itself.</summary>
    public byte[] Bytes { get; }

    /// <summary>References not yet returned; a large number more until <see cref="Retire"/>. Tells where memory is held.</summary>
    public int References => Volatile.Read(ref _references);

    /// <summary>True when most of what was written here is gone: what is left had better move out. An estimate, from any thread.</summary>
    public bool IsSparse => Volatile.Read(ref _references) * 4L < _given;

    /// <summary>A slab to fill; the caller owes one <see cref="Retire"/>.</summary>
    public static Slab Rent()
    {
        if (Pool.TryDequeue(out var slab))
        {
            Interlocked.Decrement(ref _pooled);
        }
        else
        {
            slab = new Slab();
        }

        slab._references = Bias;
        slab._given = 0;
        return slab;
    }

    /// <summary>Gives the memory of free slabs to the collector.</summary>
    public static void Trim()
    {
        while (Pool.TryDequeue(out _))
        {
            Interlocked.Decrement(ref _pooled);
        }
    }

    /// <summary>One more message lies in this slab. Only for the one who fills it.</summary>
    public void Give() => _given++;

    /// <summary>Nothing more will be written here: settles the bias against what was given out.</summary>
    public void Retire() => Release(Bias - _given);

    /// <summary>A message of this slab goes to <paramref name="more"/> further queues.</summary>
    public void Retain(int more) => Interlocked.Add(ref _references, more);

    /// <summary><paramref name="count"/> references are no longer needed; the last one returns the slab to the pool.</summary>
    public void Release(int count)
    {
        if (Interlocked.Add(ref _references, -count) != 0)
        {
            return;
        }

        if (Interlocked.Increment(ref _pooled) <= MaxPooled)
        {
            Pool.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref _pooled);
        }
    }
}
