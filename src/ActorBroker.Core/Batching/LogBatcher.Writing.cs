using System.Runtime.InteropServices;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Batching;

/// <content>What goes into a write, and in which order.</content>
internal sealed partial class LogBatcher
{
    private const int PerMessage = 64;
    private const int RangesAtOnce = 2000;

    /// <summary>Makes the next write, if there is something to write and none is under way.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="index">Says which messages are live.</param>
    /// <param name="room">How much room the disk has.</param>
    public LogWrite? Next(long now, LogIndex index, WriteRoom room = WriteRoom.Plenty)
    {
        if (UnderWay is not null || !HasAny)
        {
            return null;
        }

        var write = new LogWrite(++_number, index.LastSequenceNr);
        _writer.Begin(now);
        if (room != WriteRoom.None)
        {
            WriteMessages(write, now, room == WriteRoom.Short ? mostPerWrite / ShortPart : mostPerWrite);
            WriteMoves(write);
            WriteRelocations(write, now, index);
        }

        foreach (var orphan in _orphans)
        {
            Room(PerMessage, write, now);
            _writer.Remove(orphan);
        }

        _orphans.Clear();
        foreach (var queue in _dirty)
        {
            WriteChanges(queue, write, now);
        }

        _dirty.RemoveAll(static q => !q.IsDirty);
        IsUrgent = _pending.Count > 0 && room != WriteRoom.None;
        Close(write);
        write.Confirms.AddRange(_confirms);
        _confirms.Clear();
        if (write.Events.Count == 0)
        {
            Answers.Written.AddRange(write.Confirms);
            return null;
        }

        return UnderWay = write;
    }

    private void WriteMessages(LogWrite write, long now, int most)
    {
        Slab? slab = null;
        var references = 0;
        while (write.Bytes < most && _pending.TryPeek(out var batch))
        {
            var queue = batch.Queue;
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

    private void WriteChanges(BatchedQueue queue, LogWrite write, long now)
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
                write.Marked.Add((queue, mark.Ticket));
            }
        }
    }

    private void Room(int bytes, LogWrite write, long now)
    {
        if (!_writer.HasRoomFor(bytes))
        {
            Close(write);
            _writer.Begin(now);
        }
    }

    private void Close(LogWrite write)
    {
        if (!_writer.IsEmpty)
        {
            write.Events.Add(_writer.ToEvent(places?[write.Before + write.Events.Count + 1] ?? 0));
        }
    }
}
