using ActorBroker.Core.Batching;

namespace ActorBroker.Addresses;

/// <summary>What the log holds of a queue when its actor starts.</summary>
/// <param name="InGroup">The queue, as its group knows it.</param>
/// <param name="Last">The last sequence number that was given out; 0 for a new queue.</param>
/// <param name="Count">Live messages.</param>
/// <param name="BodyBytes">Bytes of their bodies.</param>
/// <param name="MarkedUpTo">Messages up to this one may have been handed out; 0 for none, above <paramref name="Last"/> when nobody knows.</param>
internal sealed record StoredContents(BatchedQueue InGroup, long Last, int Count, long BodyBytes, long MarkedUpTo);
