namespace ActorBroker.Core.Journal;

/// <summary>Reads what <see cref="IndexSnapshot"/> wrote.</summary>
internal ref struct IndexSnapshotReader
{
    private readonly ReadOnlySpan<byte> _state;
    private readonly SegmentList _segments;
    private readonly RunBuilder _runs;
    private ByteParser _parser;

    /// <summary>Checks the snapshot as a whole.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a version that is not known.</exception>
    public IndexSnapshotReader(byte[] state, SegmentList segments, RunBuilder runs)
    {
        (_segments, _runs) = (segments, runs);
        var length = Math.Max(0, state.Length - Crc32C.Length);
        _state = state.AsSpan(0, length);
        _parser = new ByteParser("A snapshot of a queue group", _state);
        var version = _parser.Byte();
        if (version is not (IndexSnapshot.Version or IndexSnapshot.WithMarks))
        {
            _parser.Fail($"its version is {version}, known are {IndexSnapshot.Version} and {IndexSnapshot.WithMarks}");
        }

        if (!Crc32C.IsRight(state))
        {
            _parser.Fail("its checksum is wrong");
        }
    }

    /// <summary>Reads the events.</summary>
    /// <returns>The last one's number.</returns>
    public long ReadLog()
    {
        var last = _parser.Varint();
        var sequenceNr = 0L;
        for (var left = _parser.Int(0, int.MaxValue, "the number of events"); left > 0;)
        {
            var (count, varied) = GroupCount();
            var (step, overhead, bytes) = (_parser.Varint(), Size(), 0);
            for (var i = 0; i < count; i++, left--)
            {
                bytes += varied || i == 0 ? (int)_parser.Signed() : 0;
                sequenceNr += step;
                _segments.Add(sequenceNr, bytes, overhead);
            }
        }

        sequenceNr = 0;
        for (var left = ReadCount(); left > 0; left--)
        {
            sequenceNr += _parser.Varint();
            _segments.Share(sequenceNr, Size());
        }

        return last;
    }

    /// <summary>Reads how many of something follow.</summary>
    public int ReadCount() => _parser.Int(0, _state.Length, "a count");

    /// <summary>Reads whose part follows.</summary>
    public long ReadQueueId() => _parser.Varint();

    /// <summary>Reads the rest of a queue.</summary>
    public void ReadQueue(QueueIndex queue)
    {
        queue.MarkedUpTo = _parser.Byte() switch { 0 => 0, 2 => _parser.Varint(1, long.MaxValue, "a mark"), _ => LogEventWriter.Everything };
        var next = _parser.Varint(1, long.MaxValue, "the next sequence");
        var sequence = 0L;
        for (var left = ReadCount(); left > 0; left--)
        {
            sequence += _parser.Varint();
            queue.Return(sequence, _parser.Int(1, int.MaxValue, "a delivery count"));
        }

        ReadMoved(queue);
        ReadExtents(queue);
        queue.NextSequence = next;
    }

    /// <summary>Nothing may follow.</summary>
    public readonly void End()
    {
        if (!_parser.AtEnd)
        {
            _parser.Fail("something follows its end");
        }
    }

    private void ReadMoved(QueueIndex queue)
    {
        var message = default(MovedMessage);
        for (var left = ReadCount(); left > 0; left--)
        {
            message.Sequence += _parser.Varint();
            message.SequenceNr += _parser.Signed();
            message.Size = Size();
            message.Slot = Size() - 1;
            _segments.Hold(_segments.IndexOf(message.SequenceNr), message.Size, message.Slot);
            queue.Restore(message);
        }
    }

    private void ReadExtents(QueueIndex queue)
    {
        var (sequence, sequenceNr) = (0L, 0L); // the last ones
        for (var kind = _parser.Byte(); kind != 0; kind = _parser.Byte())
        {
            var plain = kind == IndexSnapshot.Extent;
            var (count, varied) = plain ? GroupCount() : (1, false);
            var (step, gap, span, slot) = (_parser.Varint(), _parser.Varint(), _parser.Varint(), Size() - 1);
            var size = plain ? 0 : Size();
            for (var i = 0; i < count; i++)
            {
                size += plain && (varied || i == 0) ? (int)_parser.Signed() : 0;
                sequenceNr += step;
                if (plain && slot < 0)
                {
                    AddPlain(queue, sequence + 1 + gap, span, sequenceNr, size);
                }
                else
                {
                    AddDetailed(queue, kind, sequence + 1 + gap, span, sequenceNr, size, slot);
                }

                sequence += gap + span;
            }
        }
    }

    private readonly void AddPlain(QueueIndex queue, long first, long span, long sequenceNr, int size)
    {
        _segments.HoldMany(_segments.IndexOf(sequenceNr), (int)span, span * size);
        queue.StoredMany(span, span * size);
        for (var done = 0L; done < span; done += StoredRun.Span)
        {
            var live = ulong.MaxValue >> (StoredRun.Span - (int)Math.Min(StoredRun.Span, span - done));
            queue.AddRun(new StoredRun { First = first + done, Live = live, SequenceNr = sequenceNr, Size = size });
        }
    }

    private void AddDetailed(QueueIndex queue, int kind, long first, long span, long sequenceNr, int size, int slot)
    {
        var segment = _segments.IndexOf(sequenceNr);
        var bitmap = (kind & IndexSnapshot.Holes) != 0 ? _state[_parser.Skip((int)((span + 7) / 8), "a bitmap")..] : default;
        var (firstSlot, before) = (slot, slot - 1);
        for (var i = 0; i < span; i++)
        {
            if (!bitmap.IsEmpty && (bitmap[i >> 3] >> (i & 7) & 1) == 0)
            {
                continue;
            }

            size += (kind & IndexSnapshot.Sizes) != 0 ? (int)_parser.Signed() : 0;
            slot = (kind & IndexSnapshot.Slots) != 0 ? before + 1 + (int)_parser.Signed() : firstSlot < 0 ? -1 : firstSlot + i;
            before = slot;
            _segments.Hold(segment, size, slot);
            queue.Stored(first + i, size);
            _runs.Add(queue, first + i, sequenceNr, size, slot);
        }

        _runs.Flush();
    }

    private (int Count, bool Varied) GroupCount()
    {
        var code = _parser.Varint(0, 2L * int.MaxValue, "the size of a group");
        return ((int)(code >> 1) + 1, (code & 1) != 0);
    }

    private int Size() => _parser.Int(0, int.MaxValue, "a size");
}
