namespace ActorBroker.Core.Journal;

/// <summary>Numbers the bodies of one event that several records have in common. An event without such costs nothing.</summary>
internal sealed class SharedSlots(SegmentList segments)
{
    private int[] _offsets = [];
    private int _count;
    private int _guess;
    private bool _known;

    /// <summary>Another event.</summary>
    public void Begin() => (_count, _guess, _known) = (0, 0, false);

    /// <summary>The number of the message at hand; -1 when its body is its own.</summary>
    /// <exception cref="InvalidDataException">The message refers to bytes that are no message's.</exception>
    public int SlotOf(in LogEventReader reader, long sequenceNr, byte[] @event)
    {
        if (!reader.IsShared && !reader.IsReference)
        {
            return -1;
        }

        if (!_known)
        {
            Gather(sequenceNr, @event);
        }

        if (_count == 0)
        {
            return -1;
        }

        var slot = _guess < _count && _offsets[_guess] == reader.Offset
            ? _guess
            : Array.BinarySearch(_offsets, 0, _count, reader.Offset);
        if (slot < 0)
        {
            throw new InvalidDataException(
                $"Event {sequenceNr} of a queue group's log is damaged: a record refers to byte {reader.Offset}, where no message is.");
        }

        _guess = slot + 1;
        return slot;
    }

    private void Gather(long sequenceNr, byte[] @event)
    {
        _known = true;
        var referred = false;
        var reader = new LogEventReader(@event);
        while (reader.MoveNext())
        {
            if (reader.Kind is not (LogRecordKind.Appended or LogRecordKind.Relocated))
            {
                continue;
            }

            referred |= reader.IsReference;
            if (reader.IsShared && !reader.IsReference)
            {
                if (_count == _offsets.Length)
                {
                    Array.Resize(ref _offsets, Math.Max(16, _count * 2));
                }

                _offsets[_count++] = reader.Offset;
            }
        }

        if (referred && _count == 0)
        {
            throw new InvalidDataException($"Event {sequenceNr} of a queue group's log is damaged: it refers to shared bytes and has none.");
        }

        if (referred)
        {
            segments.Share(sequenceNr, _count);
        }
        else
        {
            _count = 0;
        }
    }
}
