using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>What a group knows of one of its queues: what is still to be written, and who waits for what. Touched by the group only.</summary>
internal sealed class GroupQueue(QueueHandle handle) : GroupMember(handle)
{
    private const int FairTrial = 64;
    private const int Memory = 4096;

    private readonly Queue<EnqueueBatch> _batches = new();
    private int _takenOut;
    private int _written;

    public long Uid { get; } = handle.Definition.Uid;

    /// <summary>The queue's actor.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>Messages up to this number are in an event that is written or under way; later ones can still be taken back.</summary>
    public long EncodedUpTo { get; set; }

    /// <summary>Messages that are no more, to be written.</summary>
    public List<SequenceRange> Settled { get; } = [];

    /// <summary>Messages that came back, to be written.</summary>
    public List<(long Sequence, int DeliveryCount)> Returned { get; } = [];

    /// <summary>The mark to write; null for none.</summary>
    public GroupProtocol.Mark? Mark { get; set; }

    /// <summary>What the log says, or will say when all that is under way is written.</summary>
    public long MarkedUpTo { get; set; }

    /// <summary>The queue is deleted.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Is in the group's list of queues with something to write besides messages.</summary>
    public bool IsDirty { get; set; }

    /// <summary>A question that waits: its messages are not committed yet, or a read is under way.</summary>
    public GroupProtocol.Load? Wanted { get; set; }

    /// <summary>A read of the journal is under way.</summary>
    public bool IsReading { get; set; }

    /// <summary>Batches that wait for their grace to end.</summary>
    public int Graced { get; set; }

    /// <summary>Of messages that were handed out at once, most are settled before their grace ends; looked at anew now and then.</summary>
    public bool SettlesSoon => _written < FairTrial || _takenOut >= _written;

    /// <summary>All that is to be written of it besides messages is that some of those came back that are not written yet.</summary>
    public bool WaitsForMessages => !IsRemoved && Settled.Count == 0 && Mark is null && Returned.TrueForAll(r => r.Sequence > EncodedUpTo);

    /// <summary>Messages that wait for a write.</summary>
    public bool HasPending
    {
        get
        {
            DropEmpty();
            return _batches.Count > 0;
        }
    }

    public void Add(EnqueueBatch batch)
    {
        DropEmpty();
        _batches.Enqueue(batch);
    }

    /// <summary>Messages are no more: those not yet written never will be, the rest goes into the next write.</summary>
    /// <param name="range">Which.</param>
    /// <param name="emptied">Gets the batches that have nothing left to write.</param>
    /// <param name="inWrite">
    /// The write that says where they went; 0 when they are done. A batch they were in is not answered before that write is committed,
    /// whatever becomes of the rest of it.
    /// </param>
    public void Settle(SequenceRange range, List<EnqueueBatch> emptied, long inWrite = 0)
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

    /// <summary>A message had to be written.</summary>
    public void CountWritten()
    {
        if (++_written + _takenOut > Memory)
        {
            (_written, _takenOut) = (0, 0);
        }
    }

    /// <summary>Forgets all that waits to be written.</summary>
    public void Clear(List<EnqueueBatch> emptied)
    {
        TakeOut(new SequenceRange(EncodedUpTo + 1, long.MaxValue), emptied, inWrite: 0);
        Settled.Clear();
        Returned.Clear();
        Mark = null;
    }

    private void TakeOut(SequenceRange range, List<EnqueueBatch> emptied, long inWrite)
    {
        foreach (var batch in _batches)
        {
            if (batch.ToWrite > 0 && batch.FirstNumber > range.Last)
            {
                break;
            }

            if (batch.ToWrite > 0 && batch.TakeOut(range.First, range.Last) is > 0 and var taken)
            {
                _takenOut += taken;
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
        while (_batches.TryPeek(out var batch) && batch.ToWrite == 0)
        {
            _batches.Dequeue();
        }
    }
}
