namespace ActorBroker.Core.Batching;

/// <summary>
/// When the next write of a batcher begins: at once for a lone publisher, after a moment's wait for company for several who have a
/// little each, and late when nobody waits for it. Knows no clock: its owner says when a pause is over.
/// </summary>
internal sealed class WritePace(LogBatcher batcher)
{
    private const int Trickle = 32; // fewer batches than this may wait for company

    private bool _asked;
    private bool _pausing;
    private int _pauses; // whose end was not told yet; only the last one counts

    /// <summary>How long a few batches of several publishers wait for company: less costs more processor than the latency is worth.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long settlements wait for a write that is due anyway.</summary>
    public static TimeSpan Leisure { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Something has come.</summary>
    public WriteTime Next() => batcher.IsUrgent ? Hurry() : batcher is { HasAny: true, UnderWay: null } ? WriteTime.Later : WriteTime.AsPlanned;

    /// <summary>Somebody waits until all is written that is there.</summary>
    public WriteTime Hurry()
    {
        if (_asked || batcher.UnderWay is not null || (_pausing && batcher.Pending < Trickle))
        {
            return WriteTime.AsPlanned;
        }

        _asked = true;
        return WriteTime.Now;
    }

    /// <summary>The moment that was named has come: whatever is there is written now.</summary>
    public void Begin() => _asked = _pausing = false;

    /// <summary>A pause is over.</summary>
    /// <returns>True when this is the moment to write.</returns>
    public bool EndPause() => --_pauses == 0 && _pausing;

    /// <summary>A write is committed, and its publishers are answered.</summary>
    /// <param name="isEnding">Nobody new comes any more.</param>
    public WriteTime Committed(bool isEnding)
    {
        if (batcher is { IsUrgent: true, Pending: > 0 and < Trickle } && !isEnding)
        {
            // Several publishers, each with a little: a moment's wait puts them into one write. A lone one that waits for each
            // confirm never gets here, since nothing of his can come while a write is under way.
            _pausing = true;
            _pauses++;
            return WriteTime.AfterPause;
        }

        return isEnding && batcher.HasAny ? Hurry() : Next();
    }
}
