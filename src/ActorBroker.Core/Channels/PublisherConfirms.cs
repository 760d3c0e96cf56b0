using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Channels;

/// <summary>Writes confirms to a publisher.</summary>
internal interface IConfirmWriter
{
    /// <summary>basic.ack (60, 80) or basic.nack (60, 120) from the broker.</summary>
    /// <param name="tag">Publish tag, counted from 1 since confirm.select.</param>
    /// <param name="multiple">All up to and including <paramref name="tag"/>.</param>
    /// <param name="ack">False for a nack: the message was not taken.</param>
    void WriteConfirm(ulong tag, bool multiple, bool ack);
}

/// <summary>
/// Which publishes of a channel every queue has answered for. Batches complete in any order; confirms leave only as a prefix,
/// so that <c>multiple</c> is always right.
/// </summary>
/// <remarks>Not thread-safe: guarded by the lock of the connection's outbox, into which it writes.</remarks>
internal sealed class PublisherConfirms
{
    private readonly Queue<ConfirmBatch> _open = new();

    /// <summary>Publish tag of the newest publish; the first is 1.</summary>
    public ulong LastTag { get; private set; }

    /// <summary>Publishes that wait for their confirm.</summary>
    public ulong Outstanding => _open.TryPeek(out var first) ? LastTag - first.First + 1 : 0;

    /// <summary>Numbers one more publish.</summary>
    public ulong NextTag() => ++LastTag;

    /// <summary>A run of publishes starts to wait.</summary>
    public void Add(ConfirmBatch batch) => _open.Enqueue(batch);

    /// <summary>Writes confirms for all batches at the front that are complete.</summary>
    /// <returns>True when anything was written.</returns>
    public bool Write(IConfirmWriter writer)
    {
        ulong ackTo = 0, ackFrom = 0;
        var wrote = false;
        while (_open.TryPeek(out var batch) && batch.IsComplete)
        {
            _open.Dequeue();
            ackFrom = ackTo == 0 ? batch.First : ackFrom;
            foreach (var nacked in batch.Nacked)
            {
                if (nacked > ackFrom)
                {
                    writer.WriteConfirm(nacked - 1, nacked - 1 > ackFrom, ack: true);
                }

                writer.WriteConfirm(nacked, multiple: false, ack: false);
                wrote = true;
                ackFrom = nacked + 1;
            }

            ackTo = batch.Last;
        }

        if (ackTo >= ackFrom && ackTo != 0)
        {
            writer.WriteConfirm(ackTo, ackTo > ackFrom, ack: true);
            wrote = true;
        }

        return wrote;
    }
}

/// <summary>Publishes of one channel from one socket read, confirmed together when every queue they went to has answered.</summary>
/// <param name="first">Publish tag of the first.</param>
internal class ConfirmBatch(ulong first)
{
    private readonly Lock _lock = new();
    private SortedSet<ulong>? _nacked;
    private DisplacedPublishes? _displaced;
    private int _unanswered = 1; // the publisher's own share: it may still add queues

    /// <summary>Publish tag of the first.</summary>
    public ulong First { get; } = first;

    /// <summary>Publish tag of the last.</summary>
    public ulong Last { get; set; } = first;

    /// <summary>Every queue has answered.</summary>
    public bool IsComplete => Volatile.Read(ref _unanswered) == 0;

    /// <summary>Publish tags that some queue refused, in order. Read it when complete.</summary>
    public IEnumerable<ulong> Nacked => _nacked ?? (IEnumerable<ulong>)[];

    /// <summary>Who has not answered yet: queues, and the publisher itself until its own share is done.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>A queue could not be reached, or failed: nobody knows whether it has taken anything.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Notes that, before <see cref="Done"/>.</summary>
    public void Fail() => HasFailed = true;

    /// <summary>One more queue has to answer.</summary>
    public void Expect() => Interlocked.Increment(ref _unanswered);

    /// <summary>A queue refused one publish.</summary>
    public void Nack(ulong tag)
    {
        lock (_lock)
        {
            (_nacked ??= []).Add(tag);
        }
    }

    /// <summary>Where a publish to several queues goes in place of one that has ended: <see cref="DisplacedPublishes.Place"/>. Any thread.</summary>
    public IReadOnlyList<QueueAddress>? Place(ulong tag, int copies, IReadOnlyList<QueueAddress> now, IReadOnlyList<QueueAddress> fresh)
    {
        lock (_lock)
        {
            return (_displaced ??= new DisplacedPublishes()).Place(tag, copies, now, fresh);
        }
    }

    /// <summary>
    /// A mandatory publish that no queue has: its queue had ended before it came. Before <see cref="Done"/>; any thread; must not throw.
    /// </summary>
    /// <param name="message">The message; the reference stays with the caller.</param>
    /// <param name="tag">Its publish tag.</param>
    public virtual void Return(in Message message, ulong tag)
    {
    }

    /// <summary>A queue, or the publisher itself, is done; the last one completes the batch. Any thread.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _unanswered) == 0)
        {
            Completed();
        }
    }

    /// <summary>Every queue has answered. Must not throw.</summary>
    protected virtual void Completed()
    {
    }
}
