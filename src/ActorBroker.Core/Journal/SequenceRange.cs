namespace ActorBroker.Core.Journal;

/// <summary>A run of sequence numbers of one queue.</summary>
/// <param name="First">The lowest, from 1.</param>
/// <param name="Last">The highest, itself included.</param>
internal readonly record struct SequenceRange(long First, long Last)
{
    /// <summary>How many numbers.</summary>
    public long Count => Last - First + 1;
}
