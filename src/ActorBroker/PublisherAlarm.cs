namespace ActorBroker;

/// <summary>Published on the actor system's event stream when publishers are held back, and when they may go on.</summary>
/// <param name="IsOn">True while they are held back.</param>
/// <param name="Reason">What connection.blocked says; empty when they may go on.</param>
public sealed record PublisherAlarm(bool IsOn, string Reason);
