namespace ActorBroker.Core.Exchanges;

/// <summary>Finds the queues and exchanges of one virtual host by name, from any thread.</summary>
internal interface IExchangeDirectory
{
    /// <summary>
    /// Grows after every change of queues, exchanges and bindings, once the change can be seen; read as a volatile.
    /// </summary>
    long Version { get; }

    /// <summary>The queue of that name, null when there is none.</summary>
    /// <param name="name">The name in UTF-8.</param>
    QueueAddress? FindQueue(ReadOnlySpan<byte> name);

    /// <summary>The exchange of that name, null when there is none.</summary>
    /// <param name="name">The name in UTF-8; empty is the default exchange.</param>
    ExchangeAddress? FindExchange(ReadOnlySpan<byte> name);
}
