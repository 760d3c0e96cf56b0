using ActorBroker.Stores;
using Akka.Actor;

namespace ActorBroker.Journal;

/// <summary>
/// What one may say to a <see cref="DurableLogActor"/>, and what its owner, the actor that started it, hears.
/// </summary>
internal static class LogProtocol
{
    /// <summary>To the log: write these, all or none. One write at a time: wait for <see cref="Written"/>.</summary>
    public sealed record Write(IReadOnlyList<StoredEvent> Events) : INoSerializationVerificationNeeded;

    /// <summary>The last write is committed and synced.</summary>
    /// <param name="SequenceNr">Of its last event; the others come before it without a gap.</param>
    public sealed record Written(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>Reading begins, maybe again: forget what was told so far.</summary>
    public sealed record RecoveryStarted : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly RecoveryStarted Instance = new();
    }

    /// <summary>The newest snapshot, before all events that it does not cover.</summary>
    public sealed record SnapshotOffered(long SequenceNr, StoredEvent State) : INoSerializationVerificationNeeded;

    /// <summary>An event that was written in an earlier life.</summary>
    public sealed record Replayed(long SequenceNr, StoredEvent Event) : INoSerializationVerificationNeeded;

    /// <summary>All that was written has been told; writes may come.</summary>
    /// <param name="SequenceNr">Of the last event, 0 when there is none.</param>
    public sealed record Recovered(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>To the log: keep this state, so that a start need not read what came before.</summary>
    /// <param name="SequenceNr">The last event that it covers; must be the last one written.</param>
    /// <param name="State">The state.</param>
    public sealed record SaveSnapshot(long SequenceNr, StoredEvent State) : INoSerializationVerificationNeeded;

    /// <summary>The snapshot is committed; older ones are deleted.</summary>
    public sealed record SnapshotSaved(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>To the log: events up to this one are no longer needed. Only what a saved snapshot covers.</summary>
    public sealed record Delete(long UpTo) : INoSerializationVerificationNeeded;

    /// <summary>They are gone.</summary>
    public sealed record Deleted(long UpTo) : INoSerializationVerificationNeeded;

    /// <summary>A snapshot or a deletion could not be done, or its outcome is unknown; ask again later.</summary>
    public sealed record MaintenanceFailed : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly MaintenanceFailed Instance = new();
    }

    /// <summary>Somebody else has written to this log: nothing more may be written here. Its owner must stop serving.</summary>
    public sealed record Fenced(string Reason) : Ended(Reason);

    /// <summary>Events are neither there nor covered by a snapshot: a start would forget them. Its owner must not serve.</summary>
    public sealed record Damaged(string Reason) : Ended(Reason);

    /// <summary>At the start the log could not be read, several times. The broker does not start.</summary>
    public sealed record Unreadable(string Reason) : Ended(Reason);

    /// <summary>The log writes no more, and says nothing more.</summary>
    public abstract record Ended(string Reason) : INoSerializationVerificationNeeded;
}
