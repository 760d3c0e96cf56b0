using ActorBroker.Core.Journal;

namespace ActorBroker.Stores;

/// <summary>An event that the store gives back, and that is not what was written.</summary>
/// <param name="SequenceNr">Its number in its log.</param>
/// <param name="Problem">What is wrong with it.</param>
internal readonly record struct DamagedEvent(long SequenceNr, string Problem)
{
    /// <summary>Those among the events of a queue group's log. Looks at every byte: not on an actor's thread.</summary>
    public static IReadOnlyList<DamagedEvent> In(LogPlaces places, IReadOnlyList<(long SequenceNr, StoredEvent Event)> events)
    {
        List<DamagedEvent>? damaged = null;
        foreach (var (sequenceNr, stored) in events)
        {
            if (ProblemOf(stored, places[sequenceNr]) is { } problem)
            {
                (damaged ??= []).Add(new DamagedEvent(sequenceNr, problem));
            }
        }

        return damaged ?? (IReadOnlyList<DamagedEvent>)[];
    }

    private static string? ProblemOf(StoredEvent stored, long place)
    {
        try
        {
            return LogEventFormat.ProblemOf(stored.Manifest, stored.Bytes, place);
        }
        catch (InvalidDataException newer)
        {
            return newer.Message;
        }
    }
}
