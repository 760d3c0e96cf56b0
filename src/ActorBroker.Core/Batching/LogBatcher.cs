using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Batching;

/// <summary>
/// Gathers what the queues of one log have to write, and puts it into writes: one write is under way, the next one gathers
/// meanwhile, and what is settled before its write begins is never written. Says who is to be answered; its owner does it.
/// </summary>
/// <param name="grace">
/// How long at most a message that went to a consumer at once is left unwritten: what is acked meanwhile costs no write, and its
/// publisher is answered then.
/// </param>
/// <param name="places">The places of the log, which its events are bound to; null for none.</param>
/// <param name="mostPerWrite">Bytes of messages in one write, about; a sixteenth of that while the disk is short of room.</param>
internal sealed partial class LogBatcher(TimeSpan grace, LogPlaces? places = null, int mostPerWrite = 4 << 20)
{
    private const int ShortPart = 16;

    private readonly LogEventWriter _writer = new();
    private readonly Queue<ILogBatch> _pending = new();
    private readonly GraceLine _graced = new();
    private readonly List<BatchedQueue> _dirty = [];
    private readonly List<ILogBatch> _emptied = [];
    private readonly List<long> _orphans = [];
    private readonly List<ConfirmBatch> _confirms = [];
    private readonly List<(long Queue, Message Message, long Time)> _relocations = [];
    private readonly Dictionary<ILogMove, int> _moves = new(ReferenceEqualityComparer.Instance);
    private long _number;
    private long _committed;
    private bool _hasEnded;

    /// <summary>Whom the steps since it was cleared have answered.</summary>
    public LogAnswers Answers { get; } = new();

    /// <summary>The write under way, if any.</summary>
    public LogWrite? UnderWay { get; private set; }

    /// <summary>Something is there that should not wait.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Batches that wait for a write.</summary>
    public int Pending => _pending.Count;

    /// <summary>Something is there to write.</summary>
    public bool HasAny => IsUrgent || !_graced.IsEmpty || _pending.Count > 0 || _dirty.Count > 0 || _orphans.Count > 0;

    /// <summary>Of what is there to write, only messages are left.</summary>
    public bool HasOnlyMessages => _dirty.TrueForAll(static q => q.WaitsForMessages) && _orphans.Count == 0 && _confirms.Count == 0;

    /// <summary>When the next grace ends, at the earliest; null when nobody has any.</summary>
    public TimeSpan? GraceEnds => _graced.Ends;

    /// <summary>There is room again for what waited.</summary>
    public void HasRoom() => IsUrgent |= _pending.Count > 0 || _relocations.Count > 0;

    /// <summary>Messages came that must be written before they are confirmed. To a queue that is no more they are as good as unroutable.</summary>
    /// <param name="batch">The messages.</param>
    /// <param name="now">Time of a clock that only goes forward.</param>
    public void Add(ILogBatch batch, TimeSpan now)
    {
        var queue = batch.Queue;
        if (_hasEnded)
        {
            Answers.Refused.Add(batch);
            return;
        }

        queue.Add(batch);
        if (queue.IsRemoved)
        {
            queue.Clear(_emptied);
            AnswerEmptied();
        }
        else if (queue.GraceFor(batch, grace) is var time && time > TimeSpan.Zero)
        {
            _graced.Add(queue, batch, now + time);
        }
        else
        {
            _pending.Enqueue(batch);
            IsUrgent = true;
        }
    }

    /// <summary>Time has passed: batches whose grace has ended are to be written now.</summary>
    public void EndGrace(TimeSpan now)
    {
        while (_graced.TryTake(now, out var batch))
        {
            _pending.Enqueue(batch);
            IsUrgent = true;
        }
    }

    /// <summary>Messages of a queue are no more.</summary>
    public void Settle(BatchedQueue queue, SequenceRange range)
    {
        if (!queue.IsRemoved && !_hasEnded)
        {
            queue.Settle(range, _emptied);
            Dirty(queue);
            AnswerEmptied();
        }
    }

    /// <summary>A message of a queue came back.</summary>
    public void Return(BatchedQueue queue, long sequence, int deliveryCount)
    {
        if (!queue.IsRemoved)
        {
            queue.Returned.Add((sequence, deliveryCount));
            Dirty(queue);
        }
    }

    /// <summary>Somebody waits until all that was said of a queue so far is written.</summary>
    public void Await(BatchedQueue queue, ConfirmBatch confirm)
    {
        if (_hasEnded)
        {
            Answers.Failed.Add(confirm);
        }
        else if (queue.IsRemoved)
        {
            Answers.Written.Add(confirm); // of its messages nothing is left
        }
        else
        {
            _confirms.Add(confirm);
            IsUrgent = true;
        }
    }

    /// <summary>How far messages of a queue may have been handed out.</summary>
    /// <param name="queue">Whose.</param>
    /// <param name="upTo">The highest number.</param>
    /// <param name="ticket">What the queue asks with; 0 when it does not wait.</param>
    public void Mark(BatchedQueue queue, long upTo, int ticket)
    {
        queue.Mark = (upTo, ticket);
        Dirty(queue);
        IsUrgent |= ticket != 0;
    }

    /// <summary>The queue is deleted; what waits for a write will not be written and counts as taken.</summary>
    public void Remove(BatchedQueue queue)
    {
        queue.IsRemoved = true;
        if (!_hasEnded)
        {
            queue.Clear(_emptied);
            AnswerEmptied();
            Dirty(queue);
        }
    }

    /// <summary>The log holds messages of a queue that is no more.</summary>
    public void RemoveOrphan(long queue) => _orphans.Add(queue);

    /// <summary>The write under way is committed: its publishers are answered.</summary>
    public void Committed()
    {
        var write = UnderWay!;
        UnderWay = null;
        _committed = write.Number;
        Answers.Taken.AddRange(write.Batches);
        Answers.Written.AddRange(write.Confirms);
    }

    /// <summary>Nothing can be written any more, and nobody knows whether the write under way was: all that waits is refused, and all that comes.</summary>
    public void End()
    {
        _hasEnded = true;
        EndGrace(TimeSpan.MaxValue);
        while (_pending.TryDequeue(out var batch))
        {
            if (batch.ToWrite > 0)
            {
                Answers.Refused.Add(batch);
            }
        }

        Answers.Failed.AddRange(_confirms);
        if (UnderWay is { } write)
        {
            UnderWay = null;
            Answers.Refused.AddRange(write.Batches);
            Answers.Failed.AddRange(write.Confirms);
        }

        _confirms.Clear();
        _dirty.Clear();
        IsUrgent = false;
    }

    private void Dirty(BatchedQueue queue)
    {
        if (!queue.IsDirty && queue.HasChanges)
        {
            queue.IsDirty = true;
            _dirty.Add(queue);
        }
    }

    /// <summary>Batches that have nothing left to write are answered; those with messages in the write under way when it is committed.</summary>
    private void AnswerEmptied()
    {
        foreach (var batch in _emptied)
        {
            if (batch.InWrite > _committed)
            {
                UnderWay!.Batches.Add(batch);
            }
            else
            {
                Answers.Taken.Add(batch);
            }
        }

        _emptied.Clear();
    }
}
