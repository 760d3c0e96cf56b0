namespace ActorBroker.Core.Tests.Queues;

/// <summary>One step of a random history: what, and three random numbers to choose by.</summary>
internal readonly record struct Step(int Kind, int A, int B, int C);
