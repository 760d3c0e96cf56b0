using ActorBroker.Tests.Shared;

namespace ActorBroker.Hosting.Tests;

/// <summary>Needs PostgreSQL; says so where it is missing.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.SkipReason;
}
