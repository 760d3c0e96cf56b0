namespace ActorBroker.Addresses;

/// <summary>Messages of damaged events that a queue counts and does not get.</summary>
/// <param name="Wanted">Its question.</param>
/// <param name="Events">Numbers of the events.</param>
/// <param name="Count">How many messages.</param>
/// <param name="Bytes">Of their bodies.</param>
internal sealed record LostMessages(GroupProtocol.Load Wanted, IReadOnlyList<long> Events, int Count, long Bytes);
