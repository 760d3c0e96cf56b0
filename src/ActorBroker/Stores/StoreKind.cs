namespace ActorBroker.Stores;

/// <summary>Where the logs are kept.</summary>
internal enum StoreKind
{
    /// <summary>Nowhere: nothing survives the actor system.</summary>
    None,

    /// <summary>One SQLite file in the data directory.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database.</summary>
    PostgreSql,

    /// <summary>SQLite in the memory of this process, for tests: survives an actor system, not the process.</summary>
    Memory,
}
