using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>What bounds a queue: its arguments, and later the policies merged into them.</summary>
/// <param name="MaxLength">Most ready messages, null for no limit (x-max-length).</param>
/// <param name="MaxBytes">Most bytes of ready bodies, null for no limit (x-max-length-bytes).</param>
/// <param name="Overflow">What happens beyond that (x-overflow).</param>
/// <param name="CountUnacked">Unacked messages count, too (x-max-length-includes-unacked); RabbitMQ counts ready ones only.</param>
/// <param name="MessageTtl">How long a message may wait, in milliseconds, null for ever (x-message-ttl).</param>
/// <param name="MaxPriority">Highest priority, 0 to 255; 0 is a queue without priorities (x-max-priority).</param>
/// <param name="SingleActiveConsumer">Only one consumer at a time gets messages (x-single-active-consumer).</param>
/// <param name="DeliveryLimit">How often a message may come back, null for ever (x-delivery-limit).</param>
internal sealed record QueueLimits(
    long? MaxLength = null,
    long? MaxBytes = null,
    QueueOverflow Overflow = QueueOverflow.DropHead,
    bool CountUnacked = false,
    long? MessageTtl = null,
    int MaxPriority = 0,
    bool SingleActiveConsumer = false,
    long? DeliveryLimit = null);

/// <summary>What a full queue does with one message more (x-overflow).</summary>
internal enum QueueOverflow
{
    /// <summary>drop-head: the oldest goes, dead-lettered with reason maxlen.</summary>
    DropHead,

    /// <summary>reject-publish: the new one is refused; a publisher that asked for confirms gets basic.nack.</summary>
    RejectPublish,

    /// <summary>reject-publish-dlx: the same, and the refused message is dead-lettered with reason maxlen.</summary>
    RejectPublishDeadLetter,
}

/// <summary>Why a message left a queue without being acked.</summary>
internal enum LeaveReason
{
    /// <summary>basic.reject or basic.nack without requeue.</summary>
    Rejected,

    /// <summary>Its time to live was up.</summary>
    Expired,

    /// <summary>The queue was full.</summary>
    MaxLength,

    /// <summary>It came back too often.</summary>
    DeliveryLimit,
}

/// <summary>A consumer's verdict on a delivery.</summary>
internal enum Outcome : byte
{
    /// <summary>Done: the broker may forget the message.</summary>
    Ack,

    /// <summary>Back to its old place in the queue.</summary>
    Requeue,

    /// <summary>Refused for good: dead-lettered if the queue says where to, else dropped.</summary>
    Discard,
}

/// <summary>A message on its way out of the queue; its reference moves to whoever reads this.</summary>
/// <param name="Message">The message.</param>
/// <param name="Reason">Why it leaves.</param>
internal readonly record struct Leaving(Message Message, LeaveReason Reason);
