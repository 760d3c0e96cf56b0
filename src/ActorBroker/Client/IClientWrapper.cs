namespace ActorBroker.Client;

/// <summary>An <see cref="IBroker"/> around another one, as in tests.</summary>
internal interface IClientWrapper
{
    /// <summary>What it adds to.</summary>
    BrokerClient Inner { get; }
}
