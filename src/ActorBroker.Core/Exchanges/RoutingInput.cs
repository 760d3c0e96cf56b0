namespace ActorBroker.Core.Exchanges;

/// <summary>What of a message decides where it goes. Points into the message; lives as long as its buffers.</summary>
/// <param name="routingKey">The routing key of basic.publish (60, 40), 0 to 255 bytes.</param>
/// <param name="headers">The encoded headers table without its length; empty when there is none.</param>
/// <param name="copies">The further routing keys out of the headers CC and BCC.</param>
internal readonly ref struct RoutingInput(
    ReadOnlySpan<byte> routingKey,
    ReadOnlySpan<byte> headers = default,
    CarbonCopies copies = default)
{
    /// <summary>The routing key of basic.publish (60, 40), 0 to 255 bytes.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; } = routingKey;

    /// <summary>The encoded headers table without its length; empty when there is none.</summary>
    public ReadOnlySpan<byte> Headers { get; } = headers;

    /// <summary>The further routing keys out of the headers CC and BCC.</summary>
    public CarbonCopies Copies { get; } = copies;
}
