namespace ActorBroker.Core.Exchanges;

/// <summary>Finds the queues and exchanges of one virtual host by name, from any thread.</summary>
internal interface IExchangeDirectory
{
    /// <summary>The name of the virtual host.</summary>
    string Name { get; }

    /// <summary>How many queues and exchanges have left so far, see <see cref="Destination.Leave"/>; read as a volatile.</summary>
    long Departures { get; }

    /// <summary>Grows when somebody's rights have changed: what was allowed is to be asked again. Read as a volatile.</summary>
    long RightsVersion { get; }

    /// <summary>The queue of that name, null when there is none.</summary>
    /// <param name="name">The name in UTF-8.</param>
    QueueAddress? FindQueue(ReadOnlySpan<byte> name);

    /// <summary>The exchange of that name, null when there is none.</summary>
    /// <param name="name">The name in UTF-8; empty is the default exchange.</param>
    ExchangeAddress? FindExchange(ReadOnlySpan<byte> name);
}
