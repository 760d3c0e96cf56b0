namespace ActorBroker.Core.Queues;

/// <summary>How long a message waits that its consumer could not handle, before it goes back to its queue.</summary>
internal static class RetryPause
{
    /// <summary>The pause after a number of tries: the first, twice that, four times that and so on, up to a longest.</summary>
    /// <param name="tries">1 or more.</param>
    /// <param name="first">The pause after the first try; zero for none at all.</param>
    /// <param name="longest">No pause is longer.</param>
    public static TimeSpan After(int tries, TimeSpan first, TimeSpan longest)
    {
        var doublings = Math.Min(tries - 1, 62);
        var pause = (double)first.Ticks * (1L << doublings);
        return pause < longest.Ticks ? TimeSpan.FromTicks((long)pause) : longest;
    }
}
