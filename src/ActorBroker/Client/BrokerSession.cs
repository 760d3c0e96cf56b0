namespace ActorBroker.Client;

/// <summary>The same, as <see cref="Broker.Open"/> gives it.</summary>
internal sealed class BrokerSession(IClientHost broker, string virtualHost) : BrokerClient(broker, virtualHost), IBrokerSession
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);
}
