using System.Runtime.InteropServices;
using ActorBroker.Addresses;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>
/// Gathers what the queues of one group have to write, and puts it into writes: one write is under way, the next one gathers
/// meanwhile, and what is settled before its write begins is never written.
/// </summary>
/// <param name="group">The group's actor.</param>
/// <param name="grace">
/// How long a message that went to a consumer at once is left unwritten: what is acked meanwhile costs no write, and its publisher is
/// answered then. Not granted to queues whose consumers take longer.
/// </param>
internal sealed partial class GroupWriter(IActorRef group, TimeSpan grace)
{
    private const int MostPerWrite = 4 << 20;
    private const int MostWhileShort = 256 << 10;
    private const int PerMessage = 64;
    private const int RangesAtOnce = 2000;

    private readonly LogEventWriter _writer = new();
    private readonly Queue<EnqueueBatch> _pending = new();
    private readonly Queue<(EnqueueBatch Batch, TimeSpan Due)> _graced = new();
    private readonly List<GroupQueue> _dirty = [];
    private readonly List<EnqueueBatch> _emptied = [];
    private readonly List<long> _orphans = [];
    private readonly List<ConfirmBatch> _confirms = [];
    private readonly List<(long Queue, Message Message, long Time)> _relocations = [];
    private readonly Dictionary<DeadLetterMove, int> _moves = [];
    private long _number;
    private long _committed;

    /// <summary>The write under way, if any.</summary>
    public GroupWrite? UnderWay { get; private set; }

    /// <summary>Something is there that should not wait.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Batches that wait for a write.</summary>
    public int Pending => _pending.Count;

    /// <summary>Something is there to write.</summary>
    public bool HasAny => IsUrgent || _graced.Count > 0 || _pending.Count > 0 || _dirty.Count > 0 || _orphans.Count > 0;

    /// <summary>Of what is there to write, only messages are left.</summary>
    public bool HasOnlyMessages => _dirty.TrueForAll(static q => q.WaitsForMessages) && _orphans.Count == 0 && _confirms.Count == 0;

    /// <summary>There is room again for what waited.</summary>
    public void HasRoom() => IsUrgent |= _pending.Count > 0;

    /// <summary>Messages that must be written before they are confirmed.</summary>
    /// <param name="queue">Whose.</param>
    /// <param name="batch">The messages.</param>
    /// <param name="now">Time of a clock that only goes forward.</param>
    public void Add(GroupQueue queue, EnqueueBatch batch, TimeSpan now)
    {
        queue.Add(batch);
        if (queue.Graced > 0 || (batch.IsHandedOut && grace > TimeSpan.Zero && queue.SettlesSoon))
        {
            queue.Graced++;
            _graced.Enqueue((batch, now + grace));
        }
        else
        {
            _pending.Enqueue(batch);
            IsUrgent = true;
        }
    }

    /// <summary>Batches whose grace has ended are to be written now.</summary>
    /// <returns>True when some are still left to their grace.</returns>
    public bool EndGrace(TimeSpan now)
    {
        while (_graced.TryPeek(out var first) && (first.Due <= now || first.Batch.ToWrite == 0))
        {
            _graced.Dequeue();
            ((GroupQueue)first.Batch.InGroup!).Graced--;
            if (first.Batch.ToWrite > 0)
            {
                _pending.Enqueue(first.Batch);
                IsUrgent = true;
            }
        }

        return _graced.Count > 0;
    }

    /// <summary>Messages of a queue are no more.</summary>
    public void Settle(GroupQueue queue, SequenceRange range)
    {
        queue.Settle(range, _emptied);
        Dirty(queue);
        AnswerEmptied();
    }

    /// <summary>Somebody waits until all that was said so far is written.</summary>
    public void Await(ConfirmBatch confirm)
    {
        _confirms.Add(confirm);
        IsUrgent = true;
    }

    /// <summary>A message of a queue came back.</summary>
    public void Return(GroupQueue queue, long sequence, int deliveryCount)
    {
        queue.Returned.Add((sequence, deliveryCount));
        Dirty(queue);
    }

    /// <summary>How far messages of a queue may have been handed out.</summary>
    public void Mark(GroupQueue queue, GroupProtocol.Mark mark)
    {
        queue.Mark = mark;
        Dirty(queue);
        IsUrgent |= mark.Ticket != 0;
    }

    /// <summary>The queue is deleted; what waits for a write will not be written and counts as taken.</summary>
    public void Remove(GroupQueue queue)
    {
        queue.Clear(_emptied);
        AnswerEmptied();
        queue.IsRemoved = true;
        Dirty(queue);
    }

    /// <summary>The log holds messages of a queue that is no more.</summary>
    public void RemoveOrphan(long queue) => _orphans.Add(queue);

    /// <summary>A message that shall be stored again, further up, if it still is live when the write is made.</summary>
    public void Relocate(long queue, in Message message, long time)
    {
        _relocations.Add((queue, message, time));
        IsUrgent = true;
    }

    /// <summary>Makes the next write, if there is something to write and none is under way.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="index">Says which messages are live.</param>
    /// <param name="room">How much room the disk has.</param>
    public GroupWrite? Next(long now, LogIndex index, WriteRoom room = WriteRoom.Plenty)
    {
        if (UnderWay is not null || !HasAny)
        {
            return null;
        }

        var write = new GroupWrite(++_number);
        _writer.Begin(now);
        if (room != WriteRoom.None)
        {
            WriteMessages(write, now, room == WriteRoom.Short ? MostWhileShort : MostPerWrite);
            WriteMoves(write);
            WriteRelocations(write, now, index);
        }

        foreach (var orphan in _orphans)
        {
            Room(PerMessage, write, now);
            _writer.Remove(orphan);
        }

        _orphans.Clear();
        for (var i = 0; i < _dirty.Count; i++)
        {
            WriteChanges(_dirty[i], write, now);
        }

        _dirty.RemoveAll(static q => !q.IsDirty);
        IsUrgent = _pending.Count > 0 && room != WriteRoom.None;
        Close(write);
        write.Confirms.AddRange(_confirms);
        _confirms.Clear();
        if (write.Events.Count == 0)
        {
            write.Confirms.ForEach(static c => c.Done());
            return null;
        }

        return UnderWay = write;
    }

    /// <summary>The write under way is committed: answers its publishers.</summary>
    public void Committed()
    {
        var write = UnderWay!;
        UnderWay = null;
        _committed = write.Number;
        foreach (var batch in write.Batches)
        {
            batch.Answer();
        }

        write.Confirms.ForEach(static c => c.Done());
    }

    /// <summary>Nothing can be written any more: all that waits is refused.</summary>
    public void RefuseAll()
    {
        EndGrace(TimeSpan.MaxValue);
        while (_pending.TryDequeue(out var batch))
        {
            if (batch.ToWrite > 0)
            {
                batch.RefuseUnwritten();
            }
        }

        foreach (var batch in UnderWay?.Batches ?? [])
        {
            batch.Abandon();
        }

        foreach (var confirm in _confirms.Concat(UnderWay?.Confirms ?? []))
        {
            confirm.Fail();
            confirm.Done();
        }

        _confirms.Clear();
        _dirty.Clear();
        IsUrgent = false;
    }

    private void WriteMessages(GroupWrite write, long now, int most)
    {
        Slab? slab = null;
        var references = 0;
        while (write.Bytes < most && _pending.TryPeek(out var batch))
        {
            var queue = (GroupQueue)batch.InGroup!;
            var took = false;
            while (write.Bytes < most && batch.TryTakeNext(out var message))
            {
                took = true;
                Room(message.Length + PerMessage, write, now);
                _writer.Append(queue.Uid, message);
                queue.EncodedUpTo = message.Sequence;
                queue.CountWritten();
                write.Bytes += message.Length;
                if (!ReferenceEquals(message.Owner, slab))
                {
                    slab?.Release(references);
                    slab = message.Owner;
                    references = 0;
                }

                references++;
            }

            if (took)
            {
                batch.InWrite = write.Number;
            }

            if (batch.ToWrite > 0)
            {
                break;
            }

            _pending.Dequeue();
            if (took)
            {
                write.Batches.Add(batch);
                NoteMove(batch);
            }
        }

        slab?.Release(references);
    }

    private void WriteChanges(GroupQueue queue, GroupWrite write, long now)
    {
        queue.IsDirty = false;
        if (queue.IsRemoved)
        {
            Room(PerMessage, write, now);
            _writer.Remove(queue.Uid);
            return;
        }

        var settled = CollectionsMarshal.AsSpan(queue.Settled);
        for (; settled.Length > 0; settled = settled[Math.Min(RangesAtOnce, settled.Length)..])
        {
            var some = settled[..Math.Min(RangesAtOnce, settled.Length)];
            Room((some.Length * 12) + PerMessage, write, now);
            _writer.Settle(queue.Uid, some);
        }

        foreach (var (sequence, count) in queue.Returned)
        {
            if (sequence <= queue.EncodedUpTo)
            {
                Room(PerMessage, write, now);
                _writer.Return(queue.Uid, sequence, count);
            }
        }

        queue.Settled.Clear();
        queue.Returned.RemoveAll(r => r.Sequence <= queue.EncodedUpTo);
        queue.IsDirty = queue.Returned.Count > 0; // of messages that are in the next write
        if (queue.Mark is { } mark)
        {
            Room(PerMessage, write, now);
            _writer.Mark(queue.Uid, mark.UpTo);
            queue.Mark = null;
            queue.MarkedUpTo = mark.UpTo;
            if (mark.Ticket != 0)
            {
                write.Marked.Add(mark);
            }
        }
    }

    private void Room(int bytes, GroupWrite write, long now)
    {
        if (!_writer.HasRoomFor(bytes))
        {
            Close(write);
            _writer.Begin(now);
        }
    }

    private void Close(GroupWrite write)
    {
        if (!_writer.IsEmpty)
        {
            write.Events.Add(_writer.ToEvent());
        }
    }

    private void Dirty(GroupQueue queue)
    {
        if (!queue.IsDirty && (queue.IsRemoved || queue.Settled.Count > 0 || queue.Returned.Count > 0 || queue.Mark is not null))
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
                batch.Answer();
            }
        }

        _emptied.Clear();
    }
}
