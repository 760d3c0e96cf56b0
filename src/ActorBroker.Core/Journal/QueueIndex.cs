using System.Numerics;

namespace ActorBroker.Core.Journal;

/// <summary>Where the live messages of one queue are stored.</summary>
internal sealed class QueueIndex
{
    private const int FewDead = 64;

    private static readonly Predicate<StoredRun> IsDead = r => r.Live == 0;

    private readonly SegmentList _segments;
    private readonly ChunkedList<StoredRun> _runs = new(); // by sequence; none at the ends is dead
    private int _dead; // runs
    private MovedMessages? _moved;
    private Dictionary<long, int>? _deliveryCounts;

    internal QueueIndex(long queue, SegmentList segments)
    {
        Queue = queue;
        _segments = segments;
    }

    /// <summary>The queue's uid.</summary>
    public long Queue { get; }

    /// <summary>Live messages.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of their bodies, exactly.</summary>
    public long Bytes { get; private set; }

    /// <summary>One above the highest sequence that was ever stored; 1 at first. Lower ones count as known.</summary>
    public long NextSequence { get; internal set; } = 1;

    /// <summary>Messages up to this one may have been handed out. 0 for none, <see cref="LogEventWriter.Everything"/> when nobody knows.</summary>
    public long MarkedUpTo { get; internal set; }

    /// <summary>The highest live sequence, or 0.</summary>
    public long LastLive => Math.Max(_runs.Count == 0 ? 0 : _runs[_runs.Count - 1].LastLive, _moved?.LastLive ?? 0);

    /// <summary>The runs, some of them dead.</summary>
    internal ChunkedList<StoredRun> Runs => _runs;

    /// <summary>The relocated messages, or null.</summary>
    internal MovedMessages? Moved => _moved;

    /// <summary>The messages that came back, or null.</summary>
    internal Dictionary<long, int>? DeliveryCounts => _deliveryCounts;

    /// <summary>How often a live message was handed out and came back, as far as the log knows; 0 when it is not live.</summary>
    public int DeliveryCountOf(long sequence) => _deliveryCounts?.GetValueOrDefault(sequence) ?? 0;

    /// <summary>Which event holds a message, or 0.</summary>
    internal long PlaceOf(long sequence)
    {
        var index = RunBefore(sequence);
        if (index >= 0 && _runs[index].Holds(sequence))
        {
            return _runs[index].SequenceNr;
        }

        return _moved is not null && _moved.TryFind(sequence, out var message) ? message.SequenceNr : 0;
    }

    /// <summary>The last run that starts at or before a sequence, or -1.</summary>
    internal int RunBefore(long sequence)
    {
        if (_runs.Count == 0 || _runs[0].First > sequence)
        {
            return -1;
        }

        var (low, high) = (0, _runs.Count - 1);
        if (sequence - _runs[0].First < StoredRun.Span && (high == 0 || _runs[1].First > sequence))
        {
            return 0; // queues are queues: it is nearly always the first
        }

        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_runs[middle].First <= sequence)
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

    /// <summary>A new message counts; its place comes with <see cref="AddRun"/>.</summary>
    internal void Stored(long sequence, int size)
    {
        NextSequence = sequence + 1;
        Count++;
        Bytes += size;
    }

    /// <summary>Many of them.</summary>
    internal void StoredMany(long count, long bytes)
    {
        Count += count;
        Bytes += bytes;
    }

    /// <summary>New messages, after all others.</summary>
    internal void AddRun(in StoredRun run) => _runs.Add(run);

    /// <summary>Takes back the last run, so that one more message of the same event may join it.</summary>
    internal bool TryReopen(long sequence, long sequenceNr, out StoredRun run)
    {
        run = default;
        if (_runs.Count == 0)
        {
            return false;
        }

        run = _runs[_runs.Count - 1];
        if (run.SequenceNr != sequenceNr || sequence - run.First >= StoredRun.Span)
        {
            return false;
        }

        _runs.RemoveLast();
        return true;
    }

    /// <summary>A live message is stored in another event from now on.</summary>
    internal void Move(in MovedMessage message)
    {
        var count = _deliveryCounts;
        _deliveryCounts = null; // they stay
        Settle(message.Sequence, message.Sequence);
        _deliveryCounts = count;
        Count++;
        Bytes += message.Size;
        (_moved ??= new MovedMessages()).Put(message);
    }

    /// <summary>A relocated message, from a snapshot.</summary>
    internal void Restore(in MovedMessage message)
    {
        Count++;
        Bytes += message.Size;
        (_moved ??= new MovedMessages()).Put(message);
    }

    /// <summary>A message came back so often.</summary>
    internal void Return(long sequence, int deliveryCount)
    {
        if (deliveryCount == 0)
        {
            _deliveryCounts?.Remove(sequence);
        }
        else
        {
            (_deliveryCounts ??= [])[sequence] = deliveryCount;
        }
    }

    /// <summary>Messages are gone; those that are not live are passed over.</summary>
    internal void Settle(long first, long last)
    {
        for (var i = Math.Max(0, RunBefore(first)); i < _runs.Count; i++)
        {
            ref var run = ref _runs[i];
            if (run.First > last)
            {
                break;
            }

            if (run.Live == 0 || first - run.First >= StoredRun.Span)
            {
                continue;
            }

            var gone = run.Live & run.Mask(first, last);
            if (gone != 0)
            {
                Release(run, gone);
                run.Live &= ~gone;
                _dead += run.Live == 0 ? 1 : 0;
            }
        }

        Trim();
        SettleMoved(first, last);
        ForgetCounts(first, last);
    }

    /// <summary>The queue is gone with all its messages.</summary>
    internal void SettleAll() => Settle(1, long.MaxValue);

    private void Release(in StoredRun run, ulong gone)
    {
        var count = BitOperations.PopCount(gone);
        Count -= count;
        if (run.Detail is null)
        {
            Bytes -= (long)count * run.Size;
            _segments.ReleaseMany(run.SequenceNr, count, (long)count * run.Size);
            return;
        }

        for (var left = gone; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            var size = run.SizeOf(bit);
            Bytes -= size;
            _segments.Release(run.SequenceNr, size, run.SlotOf(bit));
        }
    }

    private void Trim()
    {
        while (_runs.Count > 0 && _runs[0].Live == 0)
        {
            _runs.RemoveFirst();
            _dead--;
        }

        while (_runs.Count > 0 && _runs[_runs.Count - 1].Live == 0)
        {
            _runs.RemoveLast();
            _dead--;
        }

        if (_dead > FewDead && _dead * 2L > _runs.Count)
        {
            _runs.RemoveAll(IsDead);
            _dead = 0;
        }
    }

    private void SettleMoved(long first, long last)
    {
        if (_moved is null)
        {
            return;
        }

        for (var i = _moved.IndexFrom(first); i < _moved.Count && _moved[i].Sequence <= last; i++)
        {
            var message = _moved[i];
            if (message.SequenceNr != 0)
            {
                Count--;
                Bytes -= message.Size;
                _segments.Release(message.SequenceNr, message.Size, message.Slot);
                _moved.Kill(i);
            }
        }

        _moved.Trim();
        if (_moved.Count == 0)
        {
            _moved = null;
        }
    }

    private void ForgetCounts(long first, long last)
    {
        if (_deliveryCounts is not { Count: > 0 } counts)
        {
            return;
        }

        if (last - first < counts.Count)
        {
            for (var sequence = first; sequence <= last; sequence++)
            {
                counts.Remove(sequence);
            }

            return;
        }

        foreach (var sequence in counts.Keys)
        {
            if (sequence >= first && sequence <= last)
            {
                counts.Remove(sequence); // allowed while enumerating
            }
        }
    }
}
