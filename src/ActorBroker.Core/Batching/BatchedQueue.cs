using ActorBroker.Core.Journal;

namespace ActorBroker.Core.Batching;

/// <summary>What is still to be written of one queue, and who waits for what. Touched by its batcher and the batcher's owner only.</summary>
internal class BatchedQueue(long uid, LogBatcher batcher)
{
    private const int Compact = 64;

    private readonly List<ILogBatch> _batches = []; // by their first numbers
    private int _head; // those before it have nothing to write
    private SettleMeasure _measure;

    /// <summary>Number of the queue in the log.</summary>
    public long Uid { get; } = uid;

    /// <summary>Who writes for it.</summary>
    public LogBatcher Batcher { get; } = batcher;

    /// <summary>Messages up to this number are in an event that is written or under way; later ones can still be taken back.</summary>
    public long EncodedUpTo { get; set; }

    /// <summary>Messages that are no more, to be written.</summary>
    public List<SequenceRange> Settled { get; } = [];

    /// <summary>Messages that came back, to be written.</summary>
    public List<(long Sequence, int DeliveryCount)> Returned { get; } = [];

    /// <summary>The mark to write, and what the queue asked with; null for none.</summary>
    public (long UpTo, int Ticket)? Mark { get; set; }

    /// <summary>What the log says, or will say when all that is under way is written.</summary>
    public long MarkedUpTo { get; set; }

    /// <summary>The queue is deleted.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Is in the batcher's list of queues with something to write besides messages.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Something is to be written besides messages.</summary>
    public bool HasChanges => IsRemoved || Settled.Count > 0 || Returned.Count > 0 || Mark is not null;

    /// <summary>All that is to be written of it besides messages is that some of those came back that are not written yet.</summary>
    public bool WaitsForMessages => !IsRemoved && Settled.Count == 0 && Mark is null && Returned.TrueForAll(r => r.Sequence > EncodedUpTo);

    /// <summary>Messages that wait for a write.</summary>
    public bool HasPending
    {
        get
        {
            DropEmpty();
            return _batches.Count > _head;
        }
    }

    /// <summary>Batches in their grace, and when it ends; in their order. Kept by <see cref="GraceLine"/>.</summary>
    public Queue<(ILogBatch Batch, TimeSpan Due)>? Graced { get; set; }

    /// <summary>When the grace of the last one that had any ends.</summary>
    public TimeSpan GracedUntil { get; set; }

    /// <summary>Stands in the <see cref="GraceLine"/>.</summary>
    public bool IsInGraceLine { get; set; }

    /// <summary>Batches with something to write are in their grace.</summary>
    public bool HasGraced
    {
        get
        {
            while (Graced is not null && Graced.TryPeek(out var first) && first.Batch.ToWrite == 0)
            {
                Graced.Dequeue();
            }

            return Graced is { Count: > 0 };
        }
    }

    /// <summary>How long a batch is left unwritten: <see cref="SettleMeasure.GraceFor"/>.</summary>
    public TimeSpan GraceFor(ILogBatch batch, TimeSpan most) => _measure.GraceFor(batch.IsHandedOut, HasGraced, most);

    /// <summary>A message had to be written.</summary>
    public void CountWritten() => _measure.CountWritten();

    /// <summary>Messages to be written.</summary>
    public void Add(ILogBatch batch)
    {
        DropEmpty();
        _batches.Add(batch);
    }

    /// <summary>Messages are no more: those not yet written never will be, the rest goes into the next write.</summary>
    /// <param name="range">Which.</param>
    /// <param name="emptied">Gets the batches that have nothing left to write.</param>
    /// <param name="inWrite">
    /// The write that says where they went; 0 when they are done. A batch they were in is not answered before that write is committed,
    /// whatever becomes of the rest of it.
    /// </param>
    public void Settle(SequenceRange range, List<ILogBatch> emptied, long inWrite = 0)
    {
        if (range.Last > EncodedUpTo)
        {
            Returned.RemoveAll(r => r.Sequence > EncodedUpTo && r.Sequence >= range.First && r.Sequence <= range.Last);
            TakeOut(new SequenceRange(Math.Max(range.First, EncodedUpTo + 1), range.Last), emptied, inWrite);
        }

        if (range.First <= EncodedUpTo)
        {
            Settled.Add(new SequenceRange(range.First, Math.Min(range.Last, EncodedUpTo)));
        }
    }

    /// <summary>Forgets all that waits to be written.</summary>
    public void Clear(List<ILogBatch> emptied)
    {
        TakeOut(new SequenceRange(EncodedUpTo + 1, long.MaxValue), emptied, inWrite: 0);
        Settled.Clear();
        Returned.Clear();
        Mark = null;
    }

    private void TakeOut(SequenceRange range, List<ILogBatch> emptied, long inWrite)
    {
        for (var i = LastFrom(range.First); i < _batches.Count && _batches[i] is var batch && batch.FirstNumber <= range.Last; i++)
        {
            if (batch.ToWrite > 0 && batch.TakeOut(range.First, range.Last) is > 0 and var taken)
            {
                _measure.CountSpared(taken);
                batch.InWrite = Math.Max(batch.InWrite, inWrite);
                if (batch.ToWrite == 0)
                {
                    emptied.Add(batch);
                }
            }
        }

        DropEmpty();
    }

    private void DropEmpty()
    {
        while (_head < _batches.Count && _batches[_head].ToWrite == 0)
        {
            _head++;
        }

        if (_head == _batches.Count)
        {
            _batches.Clear();
            _head = 0;
        }
        else if (_head >= Compact && _head * 2 >= _batches.Count)
        {
            _batches.RemoveRange(0, _head);
            _head = 0;
        }
    }

    /// <summary>The last batch that begins with that number or before it: whatever waits in front of it is not looked at.</summary>
    private int LastFrom(long number)
    {
        var (low, high) = (_head, _batches.Count);
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = _batches[middle].FirstNumber <= number ? (middle, high) : (low, middle);
        }

        return low;
    }
}
