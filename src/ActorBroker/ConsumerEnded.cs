using Akka.Actor;

namespace ActorBroker;

/// <summary>An actor of the application is no longer a consumer: the queue is gone, or somebody has cancelled it (basic.cancel).</summary>
/// <param name="Consumer">What it was.</param>
public sealed record ConsumerEnded(IConsumer Consumer) : INoSerializationVerificationNeeded;
