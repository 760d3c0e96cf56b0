namespace ActorBroker;

/// <summary>Published on the actor system's event stream when memory runs short, and when that is over.</summary>
/// <param name="IsOn">True while publishers are held back.</param>
public sealed record MemoryAlarm(bool IsOn);
