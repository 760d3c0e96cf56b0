namespace ActorBroker.Core.Batching;

/// <summary>How long commits take lately, and what grace is worth the wait: whoever is acked within a few of them is cheaper unwritten.</summary>
/// <param name="most">What the settings allow.</param>
internal sealed class CommitMeasure(TimeSpan most)
{
    private const int Commits = 4; // so many may pass in a grace
    private const int Share = 8; // the newest counts for an eighth
    private const int FairTrial = 16;

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(2); // below, what measures it is coarser

    private TimeSpan _usual;
    private int _seen;

    /// <summary>The grace; all of what is allowed while nothing is known.</summary>
    public TimeSpan Time
    {
        get
        {
            var worth = _usual * Commits;
            return _seen < FairTrial || worth > most ? most : worth > Least || most < Least ? worth : Least;
        }
    }

    /// <summary>A write was committed.</summary>
    /// <param name="took">Zero when nobody has looked.</param>
    public void Committed(TimeSpan took)
    {
        if (took > TimeSpan.Zero)
        {
            _usual = _seen == 0 ? took : _usual + ((took - _usual) / Share);
            _seen = Math.Min(_seen + 1, FairTrial);
        }
    }
}
