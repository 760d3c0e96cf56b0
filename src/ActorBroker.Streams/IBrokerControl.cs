using ActorBroker.Amqp;

namespace ActorBroker.Streams;

/// <summary>What a running <see cref="BrokerSource"/> is ended by. Thread-safe.</summary>
public interface IBrokerControl
{
    /// <summary>The consumer, as soon as the queue has let it in; fails with what the stream fails with when it does not.</summary>
    Task<IConsumer> Started { get; }

    /// <summary>
    /// Completes when the source has ended, and everything it got is settled or back in the queue. Fails when the source itself has
    /// failed: <see cref="ChannelException"/> 404 for a queue that is not there or was deleted, <see cref="ConnectionException"/> 320
    /// when the broker ends.
    /// </summary>
    Task Completion { get; }

    /// <summary>
    /// Asks the queue for no more. What was delivered already goes on downstream, then the stream completes, and so does this. What is
    /// downstream can still be acked: the consumer stays until the last one is settled, or until <see cref="ShutdownAsync"/>.
    /// </summary>
    /// <param name="cancellation">Ends the waiting.</param>
    Task StopAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Ends the source at once: what it holds, and what was not settled downstream, goes back to the queue, marked redelivered. Completes
    /// when that is under way.
    /// </summary>
    /// <param name="cancellation">Ends the waiting.</param>
    Task ShutdownAsync(CancellationToken cancellation = default);

    /// <summary>
    /// The tidy end: <see cref="StopAsync"/>, wait until the stream has worked off what it got, then <see cref="ShutdownAsync"/>, so that
    /// what was not acked by then goes back to the queue.
    /// </summary>
    /// <param name="streamCompletion">What the sink materialises.</param>
    /// <param name="cancellation">Ends the working off: what is not acked by then goes back.</param>
    /// <returns>The result of the stream, or its failure.</returns>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellation"/>; the source is shut down all the same.</exception>
    Task<T> DrainAndShutdownAsync<T>(Task<T> streamCompletion, CancellationToken cancellation = default);
}
