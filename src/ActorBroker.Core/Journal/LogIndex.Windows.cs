namespace ActorBroker.Core.Journal;

/// <content>Which events to read, and which to delete.</content>
internal sealed partial class LogIndex
{
    private const int PerMessage = 64; // what a message costs beside its body, for one who reads it
    private const int ReadAmplification = 16;

    /// <summary>Which events may be deleted now: none of them holds a live message.</summary>
    /// <param name="covered">The snapshot covers the log up to here.</param>
    /// <param name="maxBytes">Frees no more than this, but at least one event when one is possible: a large deletion blocks the store.</param>
    /// <returns>The last event to delete; 0 when there is none.</returns>
    public long DeletableUpTo(long covered, long maxBytes)
    {
        var (upTo, bytes, live) = (0L, 0L, _segments.FirstLive);
        for (var i = 0; i < live && _segments[i].SequenceNr <= covered; i++)
        {
            bytes += _segments[i].Bytes;
            if (i > 0 && bytes > maxBytes)
            {
                break;
            }

            upTo = _segments[i].SequenceNr;
        }

        return upTo;
    }

    /// <summary>The events up to this one are deleted from the store.</summary>
    /// <exception cref="InvalidOperationException">One of them holds a live message: that should not have happened.</exception>
    public void Deleted(long upTo)
    {
        while (_segments.Count > 0 && _segments[0].SequenceNr <= upTo)
        {
            if (_segments[0].Live > 0)
            {
                throw new InvalidOperationException($"Event {_segments[0].SequenceNr} was deleted and holds {_segments[0].Live} live messages.");
            }

            _segments.RemoveFirst();
        }
    }

    /// <summary>
    /// Where the next messages of a queue are, to read them back. Ends early rather than read more than 16 times <paramref name="maxBytes"/>
    /// of the log, when the queue's messages lie far apart; has at least one message.
    /// </summary>
    /// <param name="queue">The queue's uid.</param>
    /// <param name="after">Messages with a higher sequence only.</param>
    /// <param name="maxBytes">About so many bytes of this queue's messages: the event that reaches it is the last.</param>
    /// <returns>Null when no live message is left.</returns>
    public LogWindow? WindowAfter(long queue, long after, long maxBytes)
    {
        if (Find(queue) is not { } found)
        {
            return null;
        }

        var cursor = new LiveCursor(found, after);
        if (!cursor.MoveNext())
        {
            return null;
        }

        var first = _segments.IndexOf(cursor.SequenceNr);
        var (last, log, bytes, upTo) = (first, (long)_segments[first].Bytes, 0L, 0L);
        do
        {
            if (cursor.SequenceNr < _segments[first].SequenceNr)
            {
                break; // those before it were relocated: the next window starts further down
            }

            if (cursor.SequenceNr > _segments[last].SequenceNr
                && (bytes >= maxBytes || !Reach(_segments.IndexOf(cursor.SequenceNr), ref last, ref log, MaxLog(maxBytes))))
            {
                break;
            }

            bytes += cursor.Size + PerMessage;
            upTo = cursor.Sequence;
        }
        while (cursor.MoveNext());

        return new LogWindow(_segments[first].SequenceNr, _segments[last].SequenceNr) { UpTo = upTo };
    }

    /// <summary>How many live messages a queue has with a sequence above <paramref name="after"/>, up to <paramref name="upTo"/>.</summary>
    public int CountLive(long queue, long after, long upTo)
    {
        var count = 0;
        if (Find(queue) is { } found)
        {
            var cursor = new LiveCursor(found, after);
            while (cursor.MoveNext() && cursor.Sequence <= upTo)
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>The events that hold live messages, and how many.</summary>
    public IEnumerable<(long SequenceNr, int Live)> LiveEvents()
    {
        for (var i = 0; i < _segments.Count; i++)
        {
            if (_segments[i].Live > 0)
            {
                yield return (_segments[i].SequenceNr, _segments[i].Live);
            }
        }
    }

    /// <summary>The live messages of a queue that an event holds, after a sequence and up to another, and the bytes of their bodies.</summary>
    public (List<SequenceRange> Ranges, int Count, long Bytes) LiveIn(long sequenceNr, long queue, long after, long upTo)
    {
        var (ranges, count, bytes) = (new List<SequenceRange>(), 0, 0L);
        if (Find(queue) is { } found)
        {
            var cursor = new LiveCursor(found, after);
            while (cursor.MoveNext() && cursor.Sequence <= upTo)
            {
                if (cursor.SequenceNr != sequenceNr)
                {
                    continue;
                }

                count++;
                bytes += cursor.Size;
                if (ranges is [.., var last] && last.Last + 1 == cursor.Sequence)
                {
                    ranges[^1] = last with { Last = cursor.Sequence };
                }
                else
                {
                    ranges.Add(new SequenceRange(cursor.Sequence, cursor.Sequence));
                }
            }
        }

        return (ranges, count, bytes);
    }

    /// <summary>
    /// The oldest events with live messages, to relocate these. Ends early rather than read more than 16 times <paramref name="maxBytes"/>.
    /// </summary>
    /// <param name="maxBytes">About so many live bytes: the event that reaches it is the last.</param>
    /// <returns>Null when nothing is live.</returns>
    public LogWindow? OldestLive(long maxBytes)
    {
        var first = _segments.FirstLive;
        if (first == _segments.Count)
        {
            return null;
        }

        var (last, log, live) = (first, (long)_segments[first].Bytes, _segments[first].LiveBytes);
        for (var i = first + 1; i < _segments.Count && live < maxBytes; i++)
        {
            log += _segments[i].Bytes;
            if (log > MaxLog(maxBytes))
            {
                break;
            }

            if (_segments[i].Live > 0)
            {
                live += _segments[i].LiveBytes;
                last = i;
            }
        }

        return new LogWindow(_segments[first].SequenceNr, _segments[last].SequenceNr);
    }

    private static long MaxLog(long maxBytes) => maxBytes > long.MaxValue / ReadAmplification ? long.MaxValue : maxBytes * ReadAmplification;

    private bool Reach(int target, ref int last, ref long log, long limit)
    {
        var bytes = log;
        for (var i = last + 1; i <= target; i++)
        {
            bytes += _segments[i].Bytes;
            if (bytes > limit)
            {
                return false;
            }
        }

        (last, log) = (target, bytes);
        return true;
    }
}
