using ActorBroker.Conformance.Tests.Brokers;

namespace ActorBroker.Conformance.Tests.Support;

/// <summary>An answer in which the two products differ on purpose.</summary>
public sealed record Difference<T>(T OnRabbitMQ, T OnActorBroker, string Reason)
{
    /// <summary>What this product is expected to do.</summary>
    public T For(BrokerKind kind) => kind == BrokerKind.RabbitMQ ? OnRabbitMQ : OnActorBroker;
}
