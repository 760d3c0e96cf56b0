namespace ActorBroker.Scheduling;

/// <summary>The dispatchers of the broker, by the names in its configuration.</summary>
internal static class Dispatchers
{
    /// <summary>Of exchange, queue, consumer, group and client actors: see <see cref="HotExecutor"/>.</summary>
    public const string Hot = "actor-broker.hot-dispatcher";
}
