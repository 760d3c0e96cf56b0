namespace ActorBroker.Stores;

/// <summary>One event or snapshot as the store keeps it.</summary>
/// <param name="Manifest">Names the format of the bytes; what was ever written is read for ever.</param>
/// <param name="Bytes">The whole array; handed to the store as it is, never copied, never changed afterwards.</param>
internal sealed record StoredEvent(string Manifest, byte[] Bytes);
