namespace ActorBroker.Core.Journal;

/// <summary>What a record of a log says. The values are stored: they never change.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>No record: the reader stands before the first one.</summary>
    None = 0,

    /// <summary>A message came to a queue.</summary>
    Appended = 1,

    /// <summary>A message of a queue, stored once more further up in the log.</summary>
    Relocated = 2,

    /// <summary>Messages left a queue: acked, dropped, expired, dead-lettered, purged.</summary>
    Settled = 3,

    /// <summary>A message was handed out and came back.</summary>
    Returned = 4,

    /// <summary>A queue got its first consumer or getter, or lost the last one.</summary>
    Marked = 5,

    /// <summary>A queue is gone with all its messages.</summary>
    Removed = 6,
}
