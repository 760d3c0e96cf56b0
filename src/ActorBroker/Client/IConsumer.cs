namespace ActorBroker.Client;

/// <summary>A consumer of a queue, until it is cancelled, its actor ends or the queue goes.</summary>
public interface IConsumer : IAsyncDisposable
{
    /// <summary>Name of the queue.</summary>
    string Queue { get; }

    /// <summary>Its consumer tag.</summary>
    string Tag { get; }

    /// <summary>Completes when no delivery will follow: cancelled by either side, or its actor is gone.</summary>
    Task Completion { get; }

    /// <summary>
    /// Asks for no more deliveries, and completes when the last one is out. What is not settled yet stays with the consumer and can be
    /// settled. basic.cancel (60, 30).
    /// </summary>
    Task CancelAsync();

    /// <summary>Ends it at once: what it holds goes back to the queue, marked redelivered, as when a channel closes.</summary>
    void Close();
}
