namespace ActorBroker.Conformance.Tests.Support;

/// <summary>What an error takes away: one channel, or the whole connection.</summary>
public enum Closes
{
    Channel,
    Connection,
}

/// <summary>A <c>channel.close</c> (20, 40) or <c>connection.close</c> (10, 50), word for word.</summary>
public sealed record Refusal(Closes What, ushort Code, string Text)
{
    public static Refusal OfChannel(ushort code, string text) => new(Closes.Channel, code, text);

    public static Refusal OfConnection(ushort code, string text) => new(Closes.Connection, code, text);
}
