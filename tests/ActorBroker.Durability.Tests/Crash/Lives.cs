namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// Which life the server is in. It is over before the signal is sent, and begins with the process: whoever connects
/// between two equal answers talks to that process.
/// </summary>
internal sealed class Lives
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private volatile int _state; // the number of the life, negative when it is over

    /// <summary>Number of the life; 0 between two of them.</summary>
    public int Current => Math.Max(_state, 0);

    public int Begin() => _state = Math.Abs(_state) + 1;

    public void End() => _state = -Math.Abs(_state);

    /// <summary>Waits for a life and gives its number.</summary>
    public async Task<int> Any(CancellationToken stop)
    {
        while (true)
        {
            if (Current is > 0 and var life)
            {
                return life;
            }

            await Task.Delay(Step, stop);
        }
    }
}
