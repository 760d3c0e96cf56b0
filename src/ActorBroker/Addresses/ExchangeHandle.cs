using ActorBroker.Core.Exchanges;
using Akka.Actor;

namespace ActorBroker.Addresses;

/// <summary>An exchange as channels see it: its published routing table and its actor.</summary>
internal sealed class ExchangeHandle(string virtualHost, string name, ExchangeType type, bool isInternal, string? alternateExchange)
    : ExchangeAddress(virtualHost, name, type, isInternal, alternateExchange)
{
    /// <summary>The exchange's actor, the only writer of its table.</summary>
    public IActorRef Actor { get; internal set; } = ActorRefs.Nobody;
}
