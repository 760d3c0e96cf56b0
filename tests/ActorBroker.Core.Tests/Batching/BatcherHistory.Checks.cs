using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;

namespace ActorBroker.Core.Tests.Batching;

/// <content>The laws: what must be so in each write, with each answer and at the end.</content>
internal sealed partial class BatcherHistory
{
    /// <summary>Nothing comes any more. All that waits gets its turn, by the moments that were named, and is answered and written.</summary>
    public void Drain()
    {
        SetRoom(WriteRoom.Plenty);
        for (var i = 0; !IsQuiet(); i++)
        {
            Require(i < 10_000, "it does not come to an end");
        }

        foreach (var batch in _batches)
        {
            Require(batch is { Taken: 1, Refused: 0 }, "a batch was forgotten");
        }

        Require(_confirms.TrueForAll(c => c is { Written: 1, Failed: 0 }), "somebody who waits for his acks was forgotten");
        Require(_slab.References == 1, "a reference was returned twice, or never");
        Require(!_batcher.HasAny, "something is left to write");
        Require(_elsewhere.Settled.Count == 0, "the queue of another log was written to");
        foreach (var queue in _queues)
        {
            CheckAtRest(queue);
        }
    }

    /// <summary>The process is gone: what was answered is in the log, or need not be anywhere.</summary>
    public void Crash()
    {
        foreach (var message in _batches.Where(b => b.Taken > 0).SelectMany(b => b.Messages))
        {
            Require(IsSafe(message), "what was answered is lost");
        }
    }

    /// <summary>The log cannot be written any more: all that waits is refused, once, and so is what comes.</summary>
    public void End()
    {
        _batcher.End();
        Tell();
        var late = new TestBatch(_queues[0], isHandedOut: true, move: null, _slab);
        Fill(late, 2, Small);
        _batches.Add(late);
        _batcher.Add(late, _now);
        _confirms.Add(new TestConfirm([]));
        _batcher.Await(_queues[0], _confirms[^1]);
        foreach (var queue in _queues)
        {
            _batcher.Settle(queue, new SequenceRange(1, queue.Last)); // what a queue has said before it heard of the end
            _batcher.Remove(queue);
        }

        Tell();
        Require(late.Refused == 1, "what comes after the end is not refused");
        Require(_batches.TrueForAll(b => b.Taken + b.Refused == 1), "a batch was forgotten");
        Require(_confirms.TrueForAll(c => c.Written + c.Failed == 1), "somebody who waits for his acks was forgotten");
        Require(_slab.References == 1, "a reference was returned twice, or never");
        Crash();
    }

    private static void Require(bool holds, string broken)
    {
        if (!holds)
        {
            Assert.Fail(broken);
        }
    }

    /// <summary>Publishers whose batches are to be written now are not left to a leisurely write.</summary>
    private void CheckNobodyWaitsForNothing() =>
        Require(
            _batcher.Pending == 0 || _batcher.UnderWay is not null || _room == WriteRoom.None || _flushes + _pauses > 0,
            "publishers wait, and nobody has named a moment");

    private bool IsQuiet()
    {
        if (_batcher.UnderWay is not null)
        {
            Commit();
        }
        else if (_moves.Find(m => m.IsAbroad) is { } abroad)
        {
            abroad.AnswerAbroad(failed: false);
        }
        else if (_moves.Find(m => m.MustBeTold && !m.Leaving[0].IsSettled) is { } move)
        {
            Arrived(move);
        }
        else if (!Wake(0))
        {
            if (_graceMoments.Count == 0)
            {
                return true;
            }

            Pass(_graceMoments.Min() > _now ? _graceMoments.Min() - _now : TimeSpan.Zero);
        }

        return false;
    }

    private void CheckAtRest(TestQueue queue)
    {
        if (queue.IsRemoved)
        {
            Require(_index.Find(queue.Uid) is null, "a queue that is gone is in the log");
            return;
        }

        foreach (var message in queue.Messages)
        {
            Require(
                _index.IsLive(queue.Uid, message.Sequence) != (message.IsSettled || message.Leaving is { HasFailed: false }),
                "the log does not hold what the queue has");
            Require(
                !_index.IsLive(queue.Uid, message.Sequence) || _index.Find(queue.Uid)!.DeliveryCountOf(message.Sequence) == message.DeliveryCount,
                "that a message came back was forgotten");
        }

        Require((_index.Find(queue.Uid)?.MarkedUpTo ?? 0) == queue.Marked.UpTo, "a mark was forgotten");
        Require(queue.Marked.Ticket == 0 || queue.Told == queue.Marked.Ticket, "a queue was not told that its mark is written");
    }

    private bool IsSafe(TestMessage message) =>
        message.IsNoMore || _index.IsLive(message.Queue.Uid, message.Sequence)
        || (message.Leaving is { HasFailed: false, IsAbroad: false } move
            && move.Targets.TrueForAll(t => t.Messages[move.Leaving.IndexOf(message)] is var copy && (copy == message || IsSafe(copy))));

    /// <summary>A write begins.</summary>
    private void LookAt(LogWrite write)
    {
        Require(write.Bytes < (_room == WriteRoom.Short ? Most / 16 : Most) + Large.Length, "a write is too large");
        foreach (var @event in write.Events)
        {
            var reader = new LogEventReader(@event);
            while (reader.MoveNext())
            {
                switch (reader.Kind)
                {
                    case LogRecordKind.Appended:
                        LookAt(_queues[reader.Queue - 1], _queues[reader.Queue - 1].Find(reader.Sequence)!);
                        break;
                    case LogRecordKind.Relocated:
                        Require(_index.IsLive(reader.Queue, reader.Sequence), "a message that is gone was stored again");
                        break;
                }
            }
        }
    }

    private void LookAt(TestQueue queue, TestMessage message)
    {
        Require(!message.IsSettled, "what was settled before its write began was written");
        Require(!queue.IsRemoved, "a message of a queue that is gone was written");
        Require(!message.IsWritten, "a message was written twice");
        Require(message.Sequence > queue.LastWritten, "messages were written out of order");
        Require(message.Batch.GracedUntil is not { } until || until <= _now, "a message was written before its grace was over");
        Require(_room != WriteRoom.None, "a message was written to a full disk");
        message.IsWritten = true;
        queue.LastWritten = message.Sequence;
        queue.Written++;
    }

    private void NoteCommitted(LogWrite write)
    {
        foreach (var message in _queues.SelectMany(q => q.Messages).Where(m => m is { IsWritten: true, IsCommitted: false }))
        {
            message.IsCommitted = true;
        }

        foreach (var (queue, ticket) in write.Marked)
        {
            ((TestQueue)queue).Told = ticket;
        }

        foreach (var move in _moves)
        {
            CheckOneCommit(move);
        }
    }

    /// <summary>Their new places and that they have left the old one are committed together.</summary>
    private void CheckOneCommit(TestMove move)
    {
        move.IsOneCommit &= !move.Targets.Exists(t => t.Messages.Exists(m => !m.IsCommitted && (m.IsNoMore || m.Leaving is not null))); // a target needs no write
        if (move is { IsOneCommit: true, HasFailed: false } && move.From != _elsewhere)
        {
            var haveArrived = move.Targets.TrueForAll(t => t.Messages.TrueForAll(m => m.IsCommitted));
            foreach (var message in move.Leaving.Where(m => m.IsCommitted))
            {
                Require(_index.IsLive(message.Queue.Uid, message.Sequence) != haveArrived, "a move was not one commit");
            }
        }
    }

    /// <summary>Tells everybody what was answered.</summary>
    private void Tell()
    {
        var answers = _batcher.Answers;
        foreach (var batch in answers.Taken.Cast<TestBatch>())
        {
            Require(batch.Messages.TrueForAll(IsSafe), "a batch was answered before its commit");
            batch.Taken++;
            Require(batch.Taken + batch.Refused == 1, "a batch was answered twice");
            Require(batch.ToWrite == 0, "something of a batch that was answered is left to write");
            batch.TestMove?.Done();
        }

        foreach (var batch in answers.Refused.Cast<TestBatch>())
        {
            batch.GiveUp();
            batch.Refused++;
            Require(batch.Taken + batch.Refused == 1, "a batch was answered twice");
            batch.TestMove?.Done(failed: true);
        }

        foreach (var confirm in answers.Written.Cast<TestConfirm>())
        {
            Require(++confirm.Written + confirm.Failed == 1, "somebody who waits for his acks was answered twice");
            Require(
                confirm.Settled.TrueForAll(m => m.Queue.IsRemoved || !_index.IsLive(m.Queue.Uid, m.Sequence)), "acks were confirmed before their commit");
        }

        foreach (var confirm in answers.Failed.Cast<TestConfirm>())
        {
            Require(++confirm.Failed + confirm.Written == 1, "somebody who waits for his acks was answered twice");
        }

        answers.Clear();
    }
}
