using ActorBroker.Amqp.Content;

namespace ActorBroker.Streams;

/// <summary>A message on its way to an exchange.</summary>
/// <param name="RoutingKey">Up to 255 bytes of UTF-8; for the default exchange, the name of a queue.</param>
/// <param name="Body">Its body; must not change until the stream has passed the message on.</param>
public readonly record struct OutgoingMessage(string RoutingKey, ReadOnlyMemory<byte> Body)
{
    /// <summary>Persistent and nothing else when null; a <c>DeliveryMode</c> that is not set means transient, as on the wire.</summary>
    public BasicProperties? Properties { get; init; }

    /// <summary>True to learn when no queue gets it: <see cref="PublishResult.Returned"/> (basic.return, 312).</summary>
    public bool Mandatory { get; init; }
}
