using System.Diagnostics.CodeAnalysis;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Batching;

/// <summary>Messages of one publisher for one queue that are on their way into a log. Who waits for them is not the batcher's business.</summary>
internal interface ILogBatch
{
    /// <summary>Whose log they go to.</summary>
    BatchedQueue Queue { get; }

    /// <summary>The queue has consumers, and few messages wait: these go out soon and may be settled before they are written.</summary>
    bool IsHandedOut { get; }

    /// <summary>Messages that are still to be written.</summary>
    int ToWrite { get; }

    /// <summary>The lowest number that was given in this batch.</summary>
    long FirstNumber { get; }

    /// <summary>The last write that holds messages of this batch, or says where they were moved to; 0 before the first.</summary>
    long InWrite { get; set; }

    /// <summary>Where its messages come from, when they are dead letters of a durable queue.</summary>
    ILogMove? Move { get; }

    /// <summary>The next message to write, in the order of their numbers; its reference moves to the caller.</summary>
    bool TryTakeNext(out Message message);

    /// <summary>Takes messages out that need not be written, and returns their references.</summary>
    /// <returns>How many were found.</returns>
    int TakeOut(long first, long last);
}

/// <summary>Messages on their way from a durable queue to all queues that they are dead-lettered to.</summary>
internal interface ILogMove
{
    /// <summary>The queue they leave.</summary>
    BatchedQueue? Source { get; }

    /// <summary>Targets that have not answered yet.</summary>
    int Unanswered { get; }

    /// <summary>A target has not taken them: they stay where they are. Read after <see cref="Unanswered"/>.</summary>
    bool HasFailed { get; }

    /// <summary>Whoever gets their old numbers writes that they have left; once.</summary>
    bool TryTakeSequences([NotNullWhen(true)] out List<SequenceRange>? sequences);
}
