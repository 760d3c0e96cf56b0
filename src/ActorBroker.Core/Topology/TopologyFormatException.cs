namespace ActorBroker.Core.Topology;

/// <summary>What the store holds cannot be read: a newer version of the broker wrote it, or it is damaged.</summary>
/// <param name="message">Which, for the operator.</param>
/// <param name="cause">What was found, if that is an error of its own.</param>
internal sealed class TopologyFormatException(string message, Exception? cause = null) : Exception(message, cause);
