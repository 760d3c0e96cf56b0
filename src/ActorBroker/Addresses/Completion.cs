namespace ActorBroker.Addresses;

/// <summary>Runs an action when a number of actors have done their part.</summary>
/// <param name="parts">How many must call <see cref="Done"/>; 1 or more.</param>
/// <param name="then">Runs once, in the last caller's turn; must not throw.</param>
internal sealed class Completion(int parts, Action then)
{
    private int _left = parts;

    /// <summary>One part is done.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            then();
        }
    }
}
