namespace ActorBroker.Core.Batching;

/// <summary>How much room the disk has for the next write.</summary>
internal enum WriteRoom
{
    /// <summary>Enough.</summary>
    Plenty,

    /// <summary>Less than the watermark: publishers are held back, and what they have sent before is written in small pieces.</summary>
    Short,

    /// <summary>A write has failed for want of room: only what frees messages, and says what left, is written.</summary>
    None,
}
