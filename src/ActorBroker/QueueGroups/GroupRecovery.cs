using ActorBroker.Stores;
using ActorBroker.Core.Journal;
using ActorBroker.Journal;

namespace ActorBroker.QueueGroups;

/// <summary>Builds a group's index from its log, and makes sure that nothing is missing.</summary>
internal sealed class GroupRecovery(string log)
{
    private readonly LogPlaces _places = new(log);
    private long _last;

    /// <summary>What was read.</summary>
    public LogIndex Index { get; private set; } = new();

    /// <summary>The event up to which there is a snapshot.</summary>
    public long Covered { get; private set; }

    /// <summary>Events that are not what was written, and that the index goes on without.</summary>
    public List<DamagedEvent> Damaged { get; } = [];

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
                Damaged.Clear();
                return false;
            case LogProtocol.SnapshotOffered offered:
                Index = SnapshotOf(offered.State);
                Covered = _last = offered.SequenceNr;
                if (Index.LastSequenceNr != Covered)
                {
                    throw new InvalidDataException($"{log}: the snapshot at {Covered} is one at {Index.LastSequenceNr}. Restore a backup of the store.");
                }

                return false;
            case LogProtocol.Replayed replayed:
                Follows(replayed.SequenceNr - 1);
                Apply(replayed);
                _last = replayed.SequenceNr;
                return false;
            case LogProtocol.Recovered recovered:
                Follows(recovered.SequenceNr);
                if (Damaged.Count > 0)
                {
                    Index.DistrustMarks();
                }

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

    private void Apply(LogProtocol.Replayed replayed)
    {
        if (ProblemOf(replayed) is { } problem)
        {
            Damaged.Add(new DamagedEvent(replayed.SequenceNr, problem));
            Index.Skip(replayed.SequenceNr, replayed.Event.Bytes.Length);
        }
        else
        {
            Index.Apply(replayed.SequenceNr, replayed.Event.Bytes);
        }
    }

    private string? ProblemOf(LogProtocol.Replayed replayed)
    {
        try
        {
            return LogEventFormat.ProblemOf(replayed.Event.Manifest, replayed.Event.Bytes, _places[replayed.SequenceNr]);
        }
        catch (InvalidDataException newer)
        {
            throw new InvalidDataException($"{log}: {newer.Message}", newer);
        }
    }

    /// <summary>Nothing can take the place of a damaged snapshot: the events before it are deleted.</summary>
    private LogIndex SnapshotOf(StoredEvent state)
    {
        if (state.Manifest != LogIndex.SnapshotManifest)
        {
            throw new InvalidDataException(
                $"{log} holds '{state.Manifest}', this version reads '{LogIndex.SnapshotManifest}': it was written by a newer version.");
        }

        try
        {
            return LogIndex.FromSnapshot(state.Bytes);
        }
        catch (InvalidDataException damage)
        {
            throw new InvalidDataException($"{log}: {damage.Message} Restore a backup of the store.", damage);
        }
    }
}
