using System.Numerics;

namespace ActorBroker.Core.Journal;

/// <summary>Walks over the live messages of a queue in the order of their sequences.</summary>
internal ref struct LiveCursor
{
    private readonly QueueIndex _queue;
    private int _run;
    private ulong _left; // of the run
    private int _moved;

    /// <summary>Starts before the first live message with a sequence above <paramref name="after"/>.</summary>
    public LiveCursor(QueueIndex queue, long after)
    {
        _queue = queue;
        _run = Math.Max(0, queue.RunBefore(after));
        _left = 0;
        if (_run < queue.Runs.Count)
        {
            ref readonly var run = ref queue.Runs[_run];
            _left = after < run.First ? run.Live
                : after - run.First >= StoredRun.Span - 1 ? 0
                : run.Live & (ulong.MaxValue << (int)(after - run.First + 1));
        }

        _moved = after == long.MaxValue ? queue.Moved?.Count ?? 0 : queue.Moved?.IndexFrom(after + 1) ?? 0;
    }

    /// <summary>The message's number in its queue.</summary>
    public long Sequence { get; private set; }

    /// <summary>The event that holds it.</summary>
    public long SequenceNr { get; private set; }

    /// <summary>Bytes of its body.</summary>
    public int Size { get; private set; }

    /// <summary>Which of the event's shared bodies it has, or -1.</summary>
    public int Slot { get; private set; }

    /// <summary>Steps to the next live message.</summary>
    public bool MoveNext()
    {
        var runs = _queue.Runs;
        while (_left == 0 && _run < runs.Count)
        {
            _run++;
            _left = _run < runs.Count ? runs[_run].Live : 0;
        }

        var moved = _queue.Moved;
        while (moved is not null && _moved < moved.Count && moved[_moved].SequenceNr == 0)
        {
            _moved++;
        }

        var hasMoved = moved is not null && _moved < moved.Count;
        if (_left == 0)
        {
            return hasMoved && TakeMoved(moved![_moved]);
        }

        ref readonly var run = ref runs[_run];
        var bit = BitOperations.TrailingZeroCount(_left);
        if (hasMoved && moved![_moved].Sequence < run.First + bit)
        {
            return TakeMoved(moved[_moved]);
        }

        _left &= _left - 1;
        (Sequence, SequenceNr, Size, Slot) = (run.First + bit, run.SequenceNr, run.SizeOf(bit), run.SlotOf(bit));
        return true;
    }

    private bool TakeMoved(in MovedMessage message)
    {
        _moved++;
        (Sequence, SequenceNr, Size, Slot) = (message.Sequence, message.SequenceNr, message.Size, message.Slot);
        return true;
    }
}
