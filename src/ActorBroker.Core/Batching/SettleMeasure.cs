namespace ActorBroker.Core.Batching;

/// <summary>How soon the messages of one queue are settled, and what grace that earns the next ones.</summary>
internal struct SettleMeasure
{
    private const int FairTrial = 16;
    private const int Memory = 4096;

    private int _written;
    private int _spared;

    /// <summary>A message had to be written.</summary>
    public void CountWritten()
    {
        if (++_written + _spared > Memory)
        {
            (_written, _spared) = (0, 0); // looked at anew now and then
        }
    }

    /// <summary>So many messages were settled before they were written.</summary>
    public void CountSpared(int messages) => _spared = Math.Min(_spared + messages, Memory);

    /// <summary>How long a batch is left unwritten: what is acked meanwhile costs no write, and its publisher is answered then.</summary>
    /// <param name="isHandedOut">Its messages went to consumers at once.</param>
    /// <param name="isBehindOthers">Batches of its queue that came before it are in their grace still: who must wait for a consumer anyway waits with them.</param>
    /// <param name="most">What the settings allow.</param>
    /// <returns>Zero for none.</returns>
    public readonly TimeSpan GraceFor(bool isHandedOut, bool isBehindOthers, TimeSpan most) =>
        (isHandedOut ? _written < FairTrial || _spared >= _written : isBehindOthers) ? most : TimeSpan.Zero;
}
