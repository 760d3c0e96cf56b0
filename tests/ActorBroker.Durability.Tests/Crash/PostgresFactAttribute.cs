using ActorBroker.Durability.Tests.Running;
using ActorBroker.Tests.Shared;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>A fact that is skipped, with the reason, where PostgreSQL cannot be started.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() =>
        Skip = DurableBroker.IsReference ? "RabbitMQ has no such store" : PostgresServer.SkipReason;
}
