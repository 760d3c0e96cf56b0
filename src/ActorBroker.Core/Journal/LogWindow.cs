namespace ActorBroker.Core.Journal;

/// <summary>Events of a log to be read in one go.</summary>
/// <param name="FirstSequenceNr">The event to start with.</param>
/// <param name="LastSequenceNr">The last event, itself included.</param>
internal readonly record struct LogWindow(long FirstSequenceNr, long LastSequenceNr)
{
    /// <summary>
    /// For a window of one queue: every live message after the one asked for, up to this sequence, lies in the window. A live message
    /// beyond it may be found there too, when one before it was relocated further up: that one's turn comes later. 0 otherwise.
    /// </summary>
    public long UpTo { get; init; }
}
