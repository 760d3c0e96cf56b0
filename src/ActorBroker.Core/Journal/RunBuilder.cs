using System.Numerics;

namespace ActorBroker.Core.Journal;

/// <summary>Gathers the messages of a queue that one event brings, so that they become few and small runs.</summary>
internal sealed class RunBuilder
{
    private readonly int[] _sizes = new int[StoredRun.Span];
    private readonly int[] _slots = new int[StoredRun.Span];
    private QueueIndex? _queue;
    private long _sequenceNr;
    private long _first;
    private ulong _live;

    /// <summary>Adds a message to the run.</summary>
    public void Add(QueueIndex queue, long sequence, long sequenceNr, int size, int slot)
    {
        if (!ReferenceEquals(queue, _queue) || sequenceNr != _sequenceNr || sequence - _first >= StoredRun.Span)
        {
            Flush();
            Start(queue, sequence, sequenceNr);
        }

        var bit = (int)(sequence - _first);
        _sizes[bit] = size;
        _slots[bit] = slot;
        _live |= 1UL << bit;
    }

    /// <summary>What was gathered goes to its queue.</summary>
    public void Flush()
    {
        if (_queue is not null)
        {
            _queue.AddRun(Build());
            _queue = null;
        }
    }

    private void Start(QueueIndex queue, long sequence, long sequenceNr)
    {
        _queue = queue;
        _sequenceNr = sequenceNr;
        if (!queue.TryReopen(sequence, sequenceNr, out var run))
        {
            (_first, _live) = (sequence, 0);
            return;
        }

        (_first, _live) = (run.First, run.Live);
        for (var left = run.Live; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            _sizes[bit] = run.SizeOf(bit);
            _slots[bit] = run.SlotOf(bit);
        }
    }

    private StoredRun Build()
    {
        var (least, most, shared, consecutive) = (int.MaxValue, 0, false, true);
        var firstSlot = _slots[BitOperations.TrailingZeroCount(_live)] - BitOperations.TrailingZeroCount(_live);
        for (var left = _live; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            least = Math.Min(least, _sizes[bit]);
            most = Math.Max(most, _sizes[bit]);
            shared |= _slots[bit] >= 0;
            consecutive &= _slots[bit] - bit == firstSlot;
        }

        var run = new StoredRun { First = _first, Live = _live, SequenceNr = _sequenceNr, Size = least };
        if (shared || least != most)
        {
            var span = StoredRun.Span - BitOperations.LeadingZeroCount(_live);
            var sizes = Sizes(span, least, most, out var width);
            var inOrder = shared && consecutive && firstSlot >= 0;
            run.Detail = new RunDetail(
                sizes, width, inOrder ? firstSlot : -1, shared && !inOrder ? _slots.AsSpan(0, span).ToArray() : null);
        }

        return run;
    }

    private byte[]? Sizes(int span, int least, int most, out int width)
    {
        width = most - least <= byte.MaxValue ? 1 : most - least <= ushort.MaxValue ? 2 : 4;
        if (least == most)
        {
            return null;
        }

        var sizes = new byte[span * width];
        for (var left = _live; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            var above = _sizes[bit] - least;
            for (var i = 0; i < width; i++)
            {
                sizes[(bit * width) + i] = (byte)(above >> (8 * i));
            }
        }

        return sizes;
    }
}
