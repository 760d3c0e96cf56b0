using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Journal;

/// <summary>The first byte of a record: its kind and what follows. Stored: it never changes.</summary>
/// <remarks>
/// After the tag comes, unless <see cref="Next"/>, the queue as a varint. Then by kind:
/// <list type="bullet">
/// <item>Appended, Relocated: unless <see cref="Next"/> the sequence; Relocated: the original time as a signed difference to the event's;
/// flags, priority (one byte each); then either, with <see cref="Reference"/>, the place of the earlier stored bytes (where their lengths
/// start, counted from the start of the event), or the lengths of names, header and body and the bytes themselves.</item>
/// <item>Settled: number of ranges; for each the signed difference of its first to the last of the one before, and its count less one.</item>
/// <item>Returned: sequence, delivery count. Marked with <see cref="UpTo"/>: the highest sequence. Else, and Removed: nothing.</item>
/// </list>
/// Numbers are LEB128, signed ones in zigzag.
/// </remarks>
internal static class RecordTag
{
    /// <summary>First byte of an event that ends with a checksum.</summary>
    public const byte Version = 2;

    /// <summary>First byte of an event without one: not written any more, and read for ever.</summary>
    public const byte VersionWithoutChecksum = 1;

    /// <summary>The bits that hold the <see cref="LogRecordKind"/>.</summary>
    public const int Kind = 0x07;

    /// <summary>The queue of the message before, and the sequence after it.</summary>
    public const int Next = 0x08;

    /// <summary>The bytes are stored earlier in this event.</summary>
    public const int Reference = 0x10;

    /// <summary>The message went to several queues: a later record may refer to these bytes.</summary>
    public const int Shared = 0x20;

    /// <summary>Marked: messages may have been handed out; all of them, unless <see cref="UpTo"/> says how far.</summary>
    public const int Consumed = 0x40;

    /// <summary>Marked: those up to a sequence.</summary>
    public const int UpTo = 0x20;

    /// <summary>Flags that do not outlive the moment, or are kept in the tag.</summary>
    public const MessageFlags NotStored = MessageFlags.Mandatory | MessageFlags.Shared | MessageFlags.MayBeDelivered;

    /// <summary>The bits that a record of this kind may have.</summary>
    public static int Allowed(LogRecordKind kind) => kind switch
    {
        LogRecordKind.Appended or LogRecordKind.Relocated => Kind | Next | Reference | Shared,
        LogRecordKind.Marked => Kind | Consumed | UpTo,
        LogRecordKind.Settled or LogRecordKind.Returned or LogRecordKind.Removed => Kind,
        _ => 0,
    };
}
