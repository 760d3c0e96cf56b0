using System.Diagnostics.CodeAnalysis;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Batching;

/// <summary>One message of a history, and all that is known of it.</summary>
internal sealed class TestMessage(TestQueue queue, long sequence, TestBatch batch)
{
    public TestQueue Queue { get; } = queue;

    public long Sequence { get; } = sequence;

    public TestBatch Batch { get; } = batch;

    /// <summary>The batcher was told that it is no more.</summary>
    public bool IsSettled { get; set; }

    /// <summary>It was put into a write, committed or not.</summary>
    public bool IsWritten { get; set; }

    /// <summary>It was once committed.</summary>
    public bool IsCommitted { get; set; }

    /// <summary>On its way to another queue.</summary>
    public TestMove? Leaving { get; set; }

    public int DeliveryCount { get; set; }

    /// <summary>Nothing is lost when the log does not have it.</summary>
    public bool IsNoMore => IsSettled || Queue.IsRemoved;
}

/// <summary>A queue of a history.</summary>
internal sealed class TestQueue(long uid, LogBatcher batcher) : BatchedQueue(uid, batcher)
{
    public List<TestMessage> Messages { get; } = [];

    /// <summary>The last number that was given.</summary>
    public long Last { get; set; }

    public long LastWritten { get; set; }

    public int Written { get; set; }

    /// <summary>The newest mark, and what it was asked with.</summary>
    public (long UpTo, int Ticket) Marked { get; set; }

    /// <summary>The newest ticket that was committed.</summary>
    public int Told { get; set; }

    public TestMessage? Find(long sequence) => Messages.Find(m => m.Sequence == sequence);
}

/// <summary>A batch whose publisher is the test.</summary>
internal sealed class TestBatch(TestQueue queue, bool isHandedOut, TestMove? move, Slab slab) : ILogBatch
{
    private readonly List<(Message Message, bool IsOut)> _messages = [];
    private int _cursor;

    public List<TestMessage> Messages { get; } = [];

    public BatchedQueue Queue => queue;

    public TestQueue Target => queue;

    public bool IsHandedOut => isHandedOut;

    public int ToWrite { get; private set; }

    public long FirstNumber => Messages[0].Sequence;

    public long InWrite { get; set; }

    public ILogMove? Move => move;

    public TestMove? TestMove => move;

    /// <summary>Until then it must not be written; null when it has no grace.</summary>
    public TimeSpan? GracedUntil { get; set; }

    public int Taken { get; set; }

    public int Refused { get; set; }

    public void Add(Message message, long sequence)
    {
        message.Owner = slab;
        message.Sequence = sequence;
        slab.Retain(1);
        _messages.Add((message, false));
        var added = new TestMessage(queue, sequence, this);
        Messages.Add(added);
        queue.Messages.Add(added);
        ToWrite++;
    }

    public bool TryTakeNext(out Message message)
    {
        while (_cursor < _messages.Count)
        {
            var (next, isOut) = _messages[_cursor++];
            if (!isOut)
            {
                message = next;
                ToWrite--;
                return true;
            }
        }

        message = default;
        return false;
    }

    public int TakeOut(long first, long last)
    {
        var found = 0;
        for (var i = _cursor; i < _messages.Count; i++)
        {
            var (message, isOut) = _messages[i];
            if (!isOut && message.Sequence >= first && message.Sequence <= last)
            {
                _messages[i] = (message, true);
                message.Release();
                ToWrite--;
                found++;
            }
        }

        return found;
    }

    /// <summary>What becomes of a batch that is refused: nothing of it is held any more.</summary>
    public void GiveUp()
    {
        while (TryTakeNext(out var message))
        {
            message.Release();
        }
    }
}

/// <summary>Dead letters of a history.</summary>
internal sealed class TestMove(TestQueue source, List<TestMessage> leaving, bool isAbroad) : ILogMove
{
    private bool _taken;

    public BatchedQueue Source => source;

    public TestQueue From => source;

    public List<TestMessage> Leaving => leaving;

    /// <summary>The batches that carry them to queues of this log.</summary>
    public List<TestBatch> Targets { get; } = [];

    /// <summary>One target is of another log, and has not answered yet.</summary>
    public bool IsAbroad { get; private set; } = isAbroad;

    /// <summary>All targets are of this log, and one commit must move them.</summary>
    public bool IsOneCommit { get; set; } = !isAbroad;

    public int Unanswered { get; private set; }

    public bool HasFailed { get; private set; }

    /// <summary>All targets have them, and somebody is to be told that they have left.</summary>
    public bool MustBeTold { get; private set; }

    public bool HasArrived => !HasFailed && !IsAbroad && Targets.TrueForAll(t => t.Messages.TrueForAll(m => m.IsCommitted || m.IsNoMore));

    public void Expect() => Unanswered++;

    public void Done(bool failed = false)
    {
        HasFailed |= failed;
        if (--Unanswered == 0 && !HasFailed && TryTakeSequences(out _))
        {
            MustBeTold = true;
        }
    }

    public void AnswerAbroad(bool failed)
    {
        IsAbroad = false;
        Done(failed);
    }

    public bool TryTakeSequences([NotNullWhen(true)] out List<SequenceRange>? sequences)
    {
        sequences = _taken ? null : leaving.ConvertAll(m => new SequenceRange(m.Sequence, m.Sequence));
        _taken = true;
        return sequences is not null;
    }
}

/// <summary>Somebody waits until settlements are written.</summary>
internal sealed class TestConfirm(List<TestMessage> settled) : ConfirmBatch(0)
{
    public List<TestMessage> Settled => settled;

    public int Written { get; set; }

    public int Failed { get; set; }
}
