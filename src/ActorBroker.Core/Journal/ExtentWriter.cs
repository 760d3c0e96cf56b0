using System.Numerics;

namespace ActorBroker.Core.Journal;

/// <summary>Writes the runs of a queue for a snapshot: one extent per event, and once what is the same from event to event.</summary>
internal ref struct ExtentWriter
{
    private readonly ByteBuilder _bytes;
    private readonly ChunkedList<StoredRun> _runs;
    private readonly AlikeGroup _group; // plain extents that differ by their sizes only
    private Head _alike;
    private long _lastSequence;
    private long _lastSequenceNr;

    private ExtentWriter(ByteBuilder bytes, ChunkedList<StoredRun> runs)
    {
        _bytes = bytes;
        _runs = runs;
        _group = new AlikeGroup();
    }

    /// <summary>Writes all.</summary>
    public static void Write(ByteBuilder bytes, ChunkedList<StoredRun> runs)
    {
        var writer = new ExtentWriter(bytes, runs);
        for (var i = 0; i < runs.Count;)
        {
            i = runs[i].Live == 0 ? i + 1 : writer.WriteExtent(i);
        }

        writer.FlushPlain();
    }

    private int WriteExtent(int from)
    {
        ref readonly var run = ref _runs[from];
        var bit = BitOperations.TrailingZeroCount(run.Live);
        var (first, size, slot) = (run.First + bit, run.SizeOf(bit), run.SlotOf(bit));
        var (last, count, kind) = (first, 0L, IndexSnapshot.Extent);
        var next = from;
        for (; next < _runs.Count; next++)
        {
            ref readonly var other = ref _runs[next];
            if (other.Live == 0)
            {
                continue;
            }

            if (other.SequenceNr != run.SequenceNr || other.First + BitOperations.TrailingZeroCount(other.Live) - last > StoredRun.Span)
            {
                break;
            }

            count += BitOperations.PopCount(other.Live);
            last = other.LastLive;
            kind |= KindOf(other, first, size, slot);
        }

        kind |= count <= last - first ? IndexSnapshot.Holes : 0;
        var extent = new Head(run.SequenceNr - _lastSequenceNr, first - _lastSequence - 1, last - first + 1, slot);
        (_lastSequence, _lastSequenceNr) = (last, run.SequenceNr);
        if (kind == IndexSnapshot.Extent)
        {
            WritePlain(extent, size);
        }
        else
        {
            FlushPlain();
            WriteDetailed(kind, extent, size, first, from, next);
        }

        return next;
    }

    // in what a run differs from messages that are all of one size and have shared bodies one after the other, or none
    private static int KindOf(in StoredRun run, long first, int size, int slot)
    {
        if (run.Detail is null && run.Size == size && slot < 0)
        {
            return 0;
        }

        var kind = 0;
        for (var left = run.Live; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            kind |= run.SizeOf(bit) != size ? IndexSnapshot.Sizes : 0;
            kind |= run.SlotOf(bit) != (slot < 0 ? -1 : slot + run.First + bit - first) ? IndexSnapshot.Slots : 0;
        }

        return kind;
    }

    private void WritePlain(in Head extent, int size)
    {
        if (_group.Count > 0 && (extent != _alike || !_group.Takes(size)))
        {
            FlushPlain();
        }

        _alike = extent;
        _group.Add(size);
    }

    private readonly void FlushPlain()
    {
        if (_group.Count > 0)
        {
            _bytes.Byte(IndexSnapshot.Extent);
            _group.WriteCount(_bytes);
            WriteHead(_alike);
            _group.WriteValues(_bytes);
        }
    }

    private readonly void WriteDetailed(int kind, in Head extent, int size, long first, int from, int next)
    {
        _bytes.Byte((byte)kind);
        WriteHead(extent);
        _bytes.Varint(size);
        if ((kind & IndexSnapshot.Holes) != 0)
        {
            WriteBitmap(first, extent.Span, from, next);
        }

        var slot = extent.Slot - 1;
        for (var i = from; i < next; i++)
        {
            ref readonly var run = ref _runs[i];
            for (var left = run.Live; left != 0; left &= left - 1)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                if ((kind & IndexSnapshot.Sizes) != 0)
                {
                    _bytes.Signed(run.SizeOf(bit) - size);
                    size = run.SizeOf(bit);
                }

                if ((kind & IndexSnapshot.Slots) != 0)
                {
                    _bytes.Signed(run.SlotOf(bit) - slot - 1);
                    slot = run.SlotOf(bit);
                }
            }
        }
    }

    private readonly void WriteBitmap(long first, long span, int from, int next)
    {
        var (part, position) = ((byte)0, 0L);
        for (var i = from; i < next; i++)
        {
            ref readonly var run = ref _runs[i];
            for (var left = run.Live; left != 0; left &= left - 1)
            {
                var place = run.First + BitOperations.TrailingZeroCount(left) - first;
                for (; position < place >> 3; position++)
                {
                    _bytes.Byte(part);
                    part = 0;
                }

                part |= (byte)(1 << (int)(place & 7));
            }
        }

        _bytes.Byte(part); // the last sequence of the span is live
    }

    private readonly void WriteHead(in Head extent)
    {
        _bytes.Varint(extent.Step);
        _bytes.Varint(extent.Gap);
        _bytes.Varint(extent.Span);
        _bytes.Varint(extent.Slot + 1);
    }

    private readonly record struct Head(long Step, long Gap, long Span, int Slot);
}
