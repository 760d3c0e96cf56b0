namespace ActorBroker.Core.Topology;

/// <summary>Names of queues and exchanges as clients send them.</summary>
internal static class EntityName
{
    /// <summary>What names of the broker's own start with; clients may not declare such.</summary>
    public const string ReservedPrefix = "amq.";

    /// <summary>Drops carriage returns and line feeds, as RabbitMQ does.</summary>
    public static string Clean(string name) =>
        name.AsSpan().ContainsAny('\r', '\n') ? name.Replace("\r", "").Replace("\n", "") : name;

    /// <summary>True for a name that only the broker may give.</summary>
    public static bool IsReserved(string name) => name.StartsWith(ReservedPrefix, StringComparison.Ordinal);
}
