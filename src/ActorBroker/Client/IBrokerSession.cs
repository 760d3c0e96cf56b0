namespace ActorBroker.Client;

/// <summary>
/// An <see cref="IBroker"/> with an end: disposing it closes its consumers, so that what they hold goes back to the queues, and deletes its
/// exclusive queues, as when a connection closes.
/// </summary>
public interface IBrokerSession : IBroker, IAsyncDisposable;

/// <summary>The same, as <see cref="Broker.Open"/> gives it.</summary>
internal sealed class BrokerSession(Broker broker, string virtualHost) : BrokerClient(broker, virtualHost), IBrokerSession
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);
}
