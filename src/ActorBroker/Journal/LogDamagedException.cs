namespace ActorBroker.Journal;

/// <summary>Events are neither in the journal nor covered by a snapshot.</summary>
/// <param name="from">The first one.</param>
/// <param name="to">The last one.</param>
internal sealed class LogDamagedException(long from, long to)
    : Exception($"events {from} to {to} are missing, and no snapshot covers them");
