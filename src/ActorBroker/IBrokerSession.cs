namespace ActorBroker;

/// <summary>
/// An <see cref="IBroker"/> with an end: disposing it closes its consumers, so that what they hold goes back to the queues, and deletes its
/// exclusive queues, as when a connection closes.
/// </summary>
public interface IBrokerSession : IBroker, IAsyncDisposable;
