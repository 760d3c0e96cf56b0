namespace ActorBroker.Core.Batching;

/// <summary>When the owner of a <see cref="LogBatcher"/> is to begin the next write.</summary>
internal enum WriteTime
{
    /// <summary>It need not do anything: nothing is there, a write is under way, or a moment was named before.</summary>
    AsPlanned,

    /// <summary>Behind what has come and was not looked at yet: it goes into the same write, or is settled before and needs none.</summary>
    Now,

    /// <summary>After <see cref="WritePace.Pause"/>: others may come along.</summary>
    AfterPause,

    /// <summary>Nobody waits: with the next write, or after <see cref="WritePace.Leisure"/>.</summary>
    Later,
}
