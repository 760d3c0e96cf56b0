namespace ActorBroker;

/// <summary>A consumer of a queue, until it is cancelled, its actor ends or the queue goes.</summary>
public interface IConsumer : IAsyncDisposable
{
    /// <summary>Name of the queue.</summary>
    string Queue { get; }

    /// <summary>The consumer tag.</summary>
    string Tag { get; }

    /// <summary>Completes when no delivery will follow: cancelled by either side, or its actor is gone.</summary>
    Task Completion { get; }

    /// <summary>
    /// Asks for no more deliveries. A handler finishes the message that it has, which it is asked to do soon by its token, and what it has
    /// not begun goes back to the queue in one step; completes when the handler has returned. basic.cancel (60, 30).
    /// </summary>
    /// <param name="drain">
    /// True: a handler works off all that was delivered, and its token is not cancelled; completes when all is settled.
    /// </param>
    /// <param name="cancellation">Ends the waiting; a drain then goes on as if it had not been asked for: what is not begun goes back.</param>
    /// <remarks>
    /// An actor or a stream keeps what it was sent and can settle it, either way; <see cref="Close"/> gives that back. With
    /// <see cref="ConsumerOptions.AutoAck"/> nothing can go back, and all that was delivered is worked off.
    /// </remarks>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellation"/>.</exception>
    Task CancelAsync(bool drain = false, CancellationToken cancellation = default);

    /// <summary>Ends it at once: what it holds goes back to the queue, marked redelivered, as when a channel closes.</summary>
    void Close();
}
