using ActorBroker.Core.Batching;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Addresses;

/// <summary>Everything one may say to a <see cref="QueueGroups.QueueGroupActor"/>, besides <see cref="EnqueueBatch"/>, and what it answers.</summary>
internal static class GroupProtocol
{
    /// <summary>Start the actor of a durable queue. The asker gets <see cref="Opened"/> when the handle can be published.</summary>
    public sealed record Open(QueueHandle Queue, VirtualHost Host, IActorRef Topology) : INoSerializationVerificationNeeded;

    /// <summary>
    /// The queue has failed, and begins anew. It gets <see cref="StoredContents"/> when all that its former life handed over is committed.
    /// </summary>
    public sealed record Reopen(BatchedQueue Queue) : INoSerializationVerificationNeeded;

    /// <summary>The queue's actor runs, with what its log holds.</summary>
    public sealed record Opened(QueueHandle Queue) : INoSerializationVerificationNeeded;

    /// <summary>All queues that the topology knows have been opened: what else the log holds is of queues that were deleted.</summary>
    public sealed record AllOpened : INoSerializationVerificationNeeded
    {
        public static readonly AllOpened Instance = new();
    }

    /// <summary>Messages are no more, or came back. Rides along with the next write; never costs one of its own at once.</summary>
    /// <param name="Queue">Whose.</param>
    /// <param name="Settled">Those that are no more.</param>
    /// <param name="Returned">Those that came back, with their counts.</param>
    /// <param name="Confirm">Somebody waits until it is written (tx.commit): then it is written at once.</param>
    public sealed record Changed(
        BatchedQueue Queue, SequenceRange[] Settled, (long Sequence, int DeliveryCount)[] Returned, ConfirmBatch? Confirm = null)
        : INoSerializationVerificationNeeded;

    /// <summary>
    /// Messages of the queue may be handed out, and a restart must know which. With a ticket it is written at once; else it says less than
    /// before, and rides along with the next write.
    /// </summary>
    /// <param name="Queue">Whose.</param>
    /// <param name="UpTo">The highest number.</param>
    /// <param name="Ticket">Comes back with <see cref="Marked"/>; 0 when nobody waits.</param>
    public sealed record Mark(BatchedQueue Queue, long UpTo, int Ticket) : INoSerializationVerificationNeeded;

    /// <summary>The mark is committed.</summary>
    /// <param name="Ticket">Whose question; 0 when the log has ended, and marks nothing any more.</param>
    public sealed record Marked(int Ticket) : INoSerializationVerificationNeeded;

    /// <summary>The queue is deleted, and the topology has committed it.</summary>
    public sealed record Remove(QueueHandle Queue) : INoSerializationVerificationNeeded;

    /// <summary>Read messages back, oldest first. The queue gets <see cref="Loaded"/>, if need be after the next commit.</summary>
    /// <param name="Queue">Whose.</param>
    /// <param name="After">Sequence number of the last one it has.</param>
    /// <param name="Bytes">About how many bytes.</param>
    public sealed record Load(BatchedQueue Queue, long After, long Bytes) : INoSerializationVerificationNeeded;

    /// <summary>Messages in the order of the queue.</summary>
    /// <param name="After">What was asked for: an answer to an older question is passed over.</param>
    /// <param name="Messages">The messages with the time when they were published, in Unix milliseconds.</param>
    /// <param name="Lost">Messages that the queue counts and that are not there any more, since their event is damaged; null for none.</param>
    public sealed record Loaded(long After, List<(Message Message, long Time)> Messages, LostMessages? Lost = null) : INoSerializationVerificationNeeded;

    /// <summary>The disk has become short of room, or full, or has room again.</summary>
    public sealed record RoomChanged : INoSerializationVerificationNeeded
    {
        public static readonly RoomChanged Instance = new();
    }

    /// <summary>The broker stops: write all that is known, also that the queues are at rest. Connections are gone by now.</summary>
    public sealed record Stop(Reply<bool> Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>To a queue: answer <see cref="AtRest"/> when all that came before is handled.</summary>
    public sealed record Rest : INoSerializationVerificationNeeded
    {
        public static readonly Rest Instance = new();
    }

    /// <summary>From a queue: nothing is under way.</summary>
    /// <param name="Queue">Which.</param>
    /// <param name="MarkUpTo">What its mark should say now; null to leave it as it is.</param>
    public sealed record AtRest(QueueHandle Queue, long? MarkUpTo) : INoSerializationVerificationNeeded;
}
