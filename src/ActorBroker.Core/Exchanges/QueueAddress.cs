namespace ActorBroker.Core.Exchanges;

/// <summary>A queue as routing sees it. The actors derive their handle of a queue from it.</summary>
/// <param name="virtualHost">The virtual host it lives in.</param>
/// <param name="name">The name of the queue.</param>
internal class QueueAddress(string virtualHost, string name) : Destination(virtualHost, name, isQueue: true)
{
    private volatile bool _hasEnded;

    /// <summary>The queue takes nothing more, although its name may still be seen. Set once, by its actor.</summary>
    public bool HasEnded
    {
        get => _hasEnded;
        set => _hasEnded = value;
    }
}
