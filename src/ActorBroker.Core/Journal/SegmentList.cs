namespace ActorBroker.Core.Journal;

/// <summary>One event of the log as a place where messages are stored.</summary>
internal struct Segment
{
    /// <summary>Number of the event.</summary>
    public long SequenceNr;

    /// <summary>Bytes of the event.</summary>
    public int Bytes;

    /// <summary>Live messages, one per queue.</summary>
    public int Live;

    /// <summary>Stored bodies that are live in at least one queue.</summary>
    public int Bodies;

    /// <summary>Bytes of these.</summary>
    public int BodyBytes;

    /// <summary>Bytes of names and header, on average.</summary>
    public int Overhead;

    /// <summary>Stored bytes that are live.</summary>
    public readonly long LiveBytes => BodyBytes + ((long)Overhead * Bodies);
}

/// <summary>The events that are not deleted yet, by number, and how much of each is live.</summary>
internal sealed class SegmentList
{
    private readonly ChunkedList<Segment> _segments = new();
    private readonly Dictionary<long, int[]> _shared = []; // holders of each shared body, by event
    private int _firstLive; // no event before this one is live; none comes alive again

    /// <summary>Events.</summary>
    public int Count => _segments.Count;

    /// <summary>Bytes of all events.</summary>
    public long LogBytes { get; private set; }

    /// <summary>Stored bytes that are live.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The first event that is live, or <see cref="Count"/>.</summary>
    public int FirstLive
    {
        get
        {
            while (_firstLive < _segments.Count && _segments[_firstLive].Live == 0)
            {
                _firstLive++;
            }

            return _firstLive;
        }
    }

    /// <summary>Events with bodies that several records hold.</summary>
    public int SharedEvents => _shared.Count;

    /// <summary>One of them, from the oldest.</summary>
    public ref Segment this[int index] => ref _segments[index];

    /// <summary>The holders of an event's shared bodies, or null.</summary>
    public int[]? SharedOf(long sequenceNr) => _shared.GetValueOrDefault(sequenceNr);

    /// <summary>A new event, the last.</summary>
    public void Add(long sequenceNr, int bytes, int overhead)
    {
        _segments.Add(new Segment { SequenceNr = sequenceNr, Bytes = bytes, Overhead = overhead });
        LogBytes += bytes;
    }

    /// <summary>An event has this many bodies that several records may hold.</summary>
    public void Share(long sequenceNr, int bodies) => _shared[sequenceNr] = new int[bodies];

    /// <summary>What the names and headers of the last event take, on average, is known at its end only.</summary>
    public void CloseLast(int overhead)
    {
        ref var last = ref _segments[_segments.Count - 1];
        last.Overhead = overhead;
        LiveBytes += (long)overhead * last.Bodies;
        if (last.Live == 0)
        {
            _shared.Remove(last.SequenceNr);
        }
    }

    /// <summary>A message lives in this event.</summary>
    /// <param name="index">The event.</param>
    /// <param name="size">Bytes of its body.</param>
    /// <param name="slot">Which of the shared bodies; below 0 when its body is its own.</param>
    public void Hold(int index, int size, int slot)
    {
        ref var segment = ref _segments[index];
        segment.Live++;
        if (slot >= 0 && _shared[segment.SequenceNr][slot]++ > 0)
        {
            return;
        }

        segment.Bodies++;
        segment.BodyBytes += size;
        LiveBytes += size + segment.Overhead;
    }

    /// <summary>Many messages with bodies of their own.</summary>
    public void HoldMany(int index, int count, long bytes)
    {
        ref var segment = ref _segments[index];
        segment.Live += count;
        segment.Bodies += count;
        segment.BodyBytes += (int)bytes;
        LiveBytes += bytes + ((long)count * segment.Overhead);
    }

    /// <summary>A message is gone, as far as this event is concerned.</summary>
    public void Release(long sequenceNr, int size, int slot)
    {
        if (slot < 0)
        {
            ReleaseMany(sequenceNr, 1, size);
            return;
        }

        ref var segment = ref _segments[IndexOf(sequenceNr)];
        if (--_shared[sequenceNr][slot] == 0)
        {
            segment.Bodies--;
            segment.BodyBytes -= size;
            LiveBytes -= size + segment.Overhead;
        }

        // the event that is being applied may still get records that share its bodies
        if (--segment.Live == 0 && sequenceNr != _segments[_segments.Count - 1].SequenceNr)
        {
            _shared.Remove(sequenceNr);
        }
    }

    /// <summary>Messages with bodies of their own are gone.</summary>
    public void ReleaseMany(long sequenceNr, int count, long bytes)
    {
        ref var segment = ref _segments[IndexOf(sequenceNr)];
        segment.Live -= count;
        segment.Bodies -= count;
        segment.BodyBytes -= (int)bytes;
        LiveBytes -= bytes + ((long)count * segment.Overhead);
        if (segment.Live == 0 && _shared.Count > 0 && sequenceNr != _segments[_segments.Count - 1].SequenceNr)
        {
            _shared.Remove(sequenceNr);
        }
    }

    /// <summary>The oldest event is deleted.</summary>
    public void RemoveFirst()
    {
        LogBytes -= _segments[0].Bytes;
        _shared.Remove(_segments[0].SequenceNr);
        _segments.RemoveFirst();
        _firstLive = Math.Max(0, _firstLive - 1);
    }

    /// <summary>The place of an event that is in the list.</summary>
    public int IndexOf(long sequenceNr)
    {
        var high = _segments.Count - 1;
        var guess = sequenceNr - _segments[0].SequenceNr; // exact when no number was left out
        if (guess <= high && _segments[(int)guess].SequenceNr == sequenceNr)
        {
            return (int)guess;
        }

        var low = 0;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_segments[middle].SequenceNr <= sequenceNr)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
