using ActorBroker.Core.Journal;
using ActorBroker.Journal;

namespace ActorBroker.QueueGroups;

/// <summary>Builds a group's index from its log, and makes sure that nothing is missing.</summary>
internal sealed class GroupRecovery(string log)
{
    private long _last;

    /// <summary>What was read.</summary>
    public LogIndex Index { get; private set; } = new();

    /// <summary>The event up to which there is a snapshot.</summary>
    public long Covered { get; private set; }

    /// <summary>Is this a message of a log that recovers?</summary>
    public static bool IsMine(object message) =>
        message is LogProtocol.RecoveryStarted or LogProtocol.SnapshotOffered or LogProtocol.Replayed or LogProtocol.Recovered
            or LogProtocol.Ended;

    /// <returns>True when all is read.</returns>
    /// <exception cref="InvalidDataException">The log has a hole, or a format that this version does not know.</exception>
    public bool Take(object message)
    {
        switch (message)
        {
            case LogProtocol.RecoveryStarted:
                (Index, Covered, _last) = (new LogIndex(), 0, 0);
                return false;
            case LogProtocol.SnapshotOffered offered:
                Require(offered.State.Manifest, LogIndex.SnapshotManifest);
                Index = LogIndex.FromSnapshot(offered.State.Bytes);
                Covered = _last = offered.SequenceNr;
                return false;
            case LogProtocol.Replayed replayed:
                Require(replayed.Event.Manifest, LogEventWriter.Manifest);
                Follows(replayed.SequenceNr - 1);
                Index.Apply(replayed.SequenceNr, replayed.Event.Bytes);
                _last = replayed.SequenceNr;
                return false;
            case LogProtocol.Recovered recovered:
                Follows(recovered.SequenceNr);
                return true;
            case LogProtocol.Ended ended:
                throw new InvalidDataException(ended.Reason);
            default:
                return false;
        }
    }

    private void Follows(long before)
    {
        if (before != _last)
        {
            throw new InvalidDataException(
                $"{log} lacks events {_last + 1} to {before}: a snapshot is missing, or rows were deleted. Restore a backup of the store.");
        }
    }

    private void Require(string manifest, string known)
    {
        if (manifest != known)
        {
            throw new InvalidDataException($"{log} holds '{manifest}', this version reads '{known}': it was written by a newer version.");
        }
    }
}
