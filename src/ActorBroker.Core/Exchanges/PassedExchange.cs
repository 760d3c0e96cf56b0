namespace ActorBroker.Core.Exchanges;

/// <summary>An exchange that a walk went through, as it was then.</summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Version">Its <see cref="Destination.Version"/> before the walk looked at it.</param>
internal readonly record struct PassedExchange(ExchangeAddress Exchange, long Version)
{
    /// <summary>Nothing of the exchange has changed since, and its name was on the tables then.</summary>
    public bool IsAsItWas => Version >= 0 && Exchange.Version == Version;
}
