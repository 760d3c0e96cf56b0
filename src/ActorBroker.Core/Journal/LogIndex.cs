namespace ActorBroker.Core.Journal;

/// <summary>
/// Where every live message of a queue group is stored. Changed only by <see cref="Apply"/>, at commit and at recovery alike, and by
/// <see cref="Deleted"/>, which nobody can tell but by <see cref="LogBytes"/>.
/// </summary>
/// <remarks>Costs about a bit per message of a large event, and some 75 bytes per event, however large the bodies are.</remarks>
internal sealed partial class LogIndex
{
    /// <summary>The name of the snapshot's format in the store.</summary>
    public const string SnapshotManifest = "ab.group.snapshot.1";

    private readonly Dictionary<long, QueueIndex> _queues = [];
    private readonly SegmentList _segments = new();
    private readonly RunBuilder _runs = new();
    private readonly SharedSlots _slots;
    private QueueIndex? _recent;

    /// <summary>An empty log.</summary>
    public LogIndex() => _slots = new SharedSlots(_segments);

    /// <summary>The event that was applied last; 0 before the first.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>The queues that the log knows: those with live messages, and those that had some and were not removed.</summary>
    public IEnumerable<QueueIndex> Queues => _queues.Values;

    /// <summary>Bytes of all events that are not deleted.</summary>
    public long LogBytes => _segments.LogBytes;

    /// <summary>
    /// Bytes of the stored messages that are live in at least one queue: bodies exactly, names and headers by the average of their event.
    /// </summary>
    public long LiveBytes => _segments.LiveBytes;

    /// <summary>The queue with this uid, or null when the log does not know it.</summary>
    public QueueIndex? Find(long queue)
    {
        if (_recent is not null && _recent.Queue == queue)
        {
            return _recent;
        }

        if (_queues.TryGetValue(queue, out var found))
        {
            _recent = found;
        }

        return found;
    }

    /// <summary>Is this message stored and not settled?</summary>
    public bool IsLive(long queue, long sequence) => Find(queue) is { } found && found.PlaceOf(sequence) > 0;

    /// <summary>Is this message live, and this event its place? False for the older copy of a relocated message.</summary>
    public bool IsStoredAt(long queue, long sequence, long sequenceNr) =>
        sequenceNr > 0 && Find(queue) is { } found && found.PlaceOf(sequence) == sequenceNr;

    /// <summary>An event was committed, or is replayed.</summary>
    /// <param name="sequenceNr">Its number, above that of the one before.</param>
    /// <param name="event">Its bytes, as <see cref="LogEventWriter"/> made them. They are not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The event is not after the last one.</exception>
    /// <exception cref="InvalidDataException">The event is damaged. The index may have taken a part of it: it is of no use any more.</exception>
    public void Apply(long sequenceNr, byte[] @event)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sequenceNr, LastSequenceNr);
        var reader = new LogEventReader(@event);
        _segments.Add(sequenceNr, @event.Length, overhead: 0);
        LastSequenceNr = sequenceNr;
        _slots.Begin();
        var (bodies, heads) = (0, 0L);
        while (reader.MoveNext())
        {
            if (reader.Kind is LogRecordKind.Appended or LogRecordKind.Relocated)
            {
                if (!reader.IsReference)
                {
                    bodies++;
                    heads += reader.HeadLength;
                }

                var slot = _slots.SlotOf(reader, sequenceNr, @event);
                if (reader.Kind == LogRecordKind.Appended)
                {
                    Append(reader, sequenceNr, slot);
                }
                else
                {
                    Relocate(reader, sequenceNr, slot);
                }
            }
            else
            {
                _runs.Flush();
                Change(reader);
            }
        }

        _runs.Flush();
        _segments.CloseLast(bodies == 0 ? 0 : (int)(heads / bodies));
    }

    /// <summary>An event was damaged: nothing of what it said is taken, and it may be deleted in its turn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The event is not after the last one.</exception>
    public void Skip(long sequenceNr, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sequenceNr, LastSequenceNr);
        _segments.Add(sequenceNr, bytes, overhead: 0);
        LastSequenceNr = sequenceNr;
    }

    /// <summary>What the log says of messages that were handed out is not complete: any of them may have been.</summary>
    public void DistrustMarks()
    {
        foreach (var queue in _queues.Values)
        {
            queue.MarkedUpTo = LogEventWriter.Everything;
        }
    }

    private void Append(in LogEventReader reader, long sequenceNr, int slot)
    {
        var queue = FindOrAdd(reader.Queue);
        if (reader.Sequence >= queue.NextSequence)
        {
            if (reader.Sequence == long.MaxValue)
            {
                throw new InvalidDataException($"Event {sequenceNr} of a queue group's log is damaged: no sequence is that high.");
            }

            queue.Stored(reader.Sequence, reader.BodyLength);
            _segments.Hold(_segments.Count - 1, reader.BodyLength, slot);
            _runs.Add(queue, reader.Sequence, sequenceNr, reader.BodyLength, slot);
        }
    }

    private void Relocate(in LogEventReader reader, long sequenceNr, int slot)
    {
        _runs.Flush();
        var queue = Find(reader.Queue);
        var place = queue?.PlaceOf(reader.Sequence) ?? 0;
        if (place > 0 && place != sequenceNr)
        {
            _segments.Hold(_segments.Count - 1, reader.BodyLength, slot);
            queue!.Move(new MovedMessage
            {
                Sequence = reader.Sequence,
                SequenceNr = sequenceNr,
                Size = reader.BodyLength,
                Slot = slot,
            });
        }
    }

    private void Change(in LogEventReader reader)
    {
        switch (reader.Kind)
        {
            case LogRecordKind.Settled:
                Find(reader.Queue)?.Settle(reader.Range.First, reader.Range.Last);
                break;
            case LogRecordKind.Returned:
                if (Find(reader.Queue) is { } queue && queue.PlaceOf(reader.Sequence) > 0)
                {
                    queue.Return(reader.Sequence, reader.DeliveryCount);
                }

                break;
            case LogRecordKind.Marked:
                if (reader.MarkedUpTo > 0 || Find(reader.Queue) is not null) // an unknown queue of which nothing left says nothing
                {
                    FindOrAdd(reader.Queue).MarkedUpTo = reader.MarkedUpTo;
                }

                break;
            default:
                Find(reader.Queue)?.SettleAll();
                _queues.Remove(reader.Queue);
                _recent = null;
                break;
        }
    }

    private QueueIndex FindOrAdd(long queue)
    {
        if (Find(queue) is { } known)
        {
            return known;
        }

        _recent = new QueueIndex(queue, _segments);
        _queues.Add(queue, _recent);
        return _recent;
    }
}
