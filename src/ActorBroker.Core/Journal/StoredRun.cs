using System.Buffers.Binary;
using System.Numerics;

namespace ActorBroker.Core.Journal;

/// <summary>Up to 64 messages of one queue that came with one event. Their sequences lie within a span of 64.</summary>
internal struct StoredRun
{
    /// <summary>The longest span of sequences.</summary>
    public const int Span = 64;

    /// <summary>The sequence of the first bit.</summary>
    public long First;

    /// <summary>Which sequences from the first on are live.</summary>
    public ulong Live;

    /// <summary>Number of the event.</summary>
    public long SequenceNr;

    /// <summary>What tells the messages apart; null when they are all of one size and have bodies of their own.</summary>
    public RunDetail? Detail;

    /// <summary>Bytes of the bodies; of the smallest when they differ.</summary>
    public int Size;

    /// <summary>The highest live sequence. There must be one.</summary>
    public readonly long LastLive => First + BitOperations.Log2(Live);

    /// <summary>Is this sequence live here?</summary>
    public readonly bool Holds(long sequence) => (ulong)(sequence - First) < Span && (Live >> (int)(sequence - First) & 1) != 0;

    /// <summary>Bytes of one body.</summary>
    public readonly int SizeOf(int bit) => Detail is null ? Size : Size + Detail.Above(bit);

    /// <summary>Which of the event's shared bodies a message has; -1 for one of its own.</summary>
    public readonly int SlotOf(int bit) => Detail?.SlotOf(bit) ?? -1;

    /// <summary>The bits of the sequences in a range that reaches into this run.</summary>
    public readonly ulong Mask(long first, long last)
    {
        var low = (int)Math.Clamp(first - First, 0, Span - 1);
        var high = (int)Math.Clamp(last - First, 0, Span - 1);
        return (ulong.MaxValue << low) & (ulong.MaxValue >> (Span - 1 - high));
    }
}

/// <summary>Sizes and shared bodies of the messages of a run.</summary>
/// <param name="sizes">By how much each body is larger than the smallest, in 1, 2 or 4 bytes each; null when none is.</param>
/// <param name="width">1, 2 or 4.</param>
/// <param name="firstSlot">The shared body of the first sequence, when each has the next one; else -1.</param>
/// <param name="slots">The shared body of each sequence when they do not follow each other; else null.</param>
internal sealed class RunDetail(byte[]? sizes, int width, int firstSlot, int[]? slots)
{
    /// <summary>Does any message share its body?</summary>
    public bool IsShared => firstSlot >= 0 || slots is not null;

    /// <summary>Which of the event's shared bodies a message has, or -1.</summary>
    public int SlotOf(int bit) => slots is not null ? slots[bit] : firstSlot < 0 ? -1 : firstSlot + bit;

    /// <summary>By how much a body is larger than the smallest.</summary>
    public int Above(int bit) => sizes is null ? 0 : width switch
    {
        1 => sizes[bit],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(sizes.AsSpan(bit * 2)),
        _ => BinaryPrimitives.ReadInt32LittleEndian(sizes.AsSpan(bit * 4)),
    };
}
