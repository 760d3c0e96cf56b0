using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>What a group knows of one of its queues. Touched by the group only.</summary>
internal sealed class GroupQueue(QueueHandle handle, LogBatcher batcher) : BatchedQueue(handle.Definition.Uid, batcher)
{
    public QueueHandle Handle { get; } = handle;

    /// <summary>The queue's actor.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>A question that waits: its messages are not committed yet, or a read is under way.</summary>
    public GroupProtocol.Load? Wanted { get; set; }

    /// <summary>What its question will not get, since it is damaged; null for nothing.</summary>
    public LostMessages? Lost { get; set; }

    /// <summary>A read of the journal is under way, or what it found is being set aside.</summary>
    public bool IsReading { get; set; }
}
