using ActorBroker.Addresses;
using ActorBroker.Core.Channels;

namespace ActorBroker.QueueGroups;

/// <summary>One write of a group: its events, and who waits for its commit.</summary>
internal sealed class GroupWrite(long number)
{
    /// <summary>Counts up from 1 in the life of the group.</summary>
    public long Number { get; } = number;

    /// <summary>What is written, all or nothing.</summary>
    public List<byte[]> Events { get; } = [];

    /// <summary>Batches whose last message is in this write: their publishers are answered when it is committed.</summary>
    public List<EnqueueBatch> Batches { get; } = [];

    /// <summary>Queues that wait for their mark.</summary>
    public List<GroupProtocol.Mark> Marked { get; } = [];

    /// <summary>Transactions that wait for their acks to be written.</summary>
    public List<ConfirmBatch> Confirms { get; } = [];

    /// <summary>Bytes of all events.</summary>
    public long Bytes { get; set; }
}
