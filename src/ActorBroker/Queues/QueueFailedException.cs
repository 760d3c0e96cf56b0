namespace ActorBroker.Queues;

/// <summary>The state of a queue can no longer be trusted: its actor begins anew, with what its log holds.</summary>
internal sealed class QueueFailedException(string queue, Exception cause) : Exception($"{queue} has failed and begins anew: {cause.Message}", cause);
