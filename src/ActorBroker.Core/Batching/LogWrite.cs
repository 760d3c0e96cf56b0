using ActorBroker.Core.Channels;

namespace ActorBroker.Core.Batching;

/// <summary>One write of a log: its events, and who waits for its commit.</summary>
internal sealed class LogWrite(long number, long before)
{
    /// <summary>Counts up from 1 in the life of the batcher.</summary>
    public long Number { get; } = number;

    /// <summary>Number of the log's last event before it.</summary>
    public long Before { get; } = before;

    /// <summary>What is written, all or nothing.</summary>
    public List<byte[]> Events { get; } = [];

    /// <summary>Batches whose last message is in this write: their publishers are answered when it is committed.</summary>
    public List<ILogBatch> Batches { get; } = [];

    /// <summary>Queues that wait for their mark, and what they asked with.</summary>
    public List<(BatchedQueue Queue, int Ticket)> Marked { get; } = [];

    /// <summary>Transactions that wait for their acks to be written.</summary>
    public List<ConfirmBatch> Confirms { get; } = [];

    /// <summary>Bytes of the messages that were never written before.</summary>
    public long Bytes { get; set; }
}
