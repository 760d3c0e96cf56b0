namespace ActorBroker.Amqp.Content;

/// <summary>
/// Which of the 14 properties of the basic class are there. Values follow in the order of this list, highest bit first.
/// </summary>
[Flags]
public enum PropertyFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>content-type, short string.</summary>
    ContentType = 1 << 15,

    /// <summary>content-encoding, short string.</summary>
    ContentEncoding = 1 << 14,

    /// <summary>headers, field table.</summary>
    Headers = 1 << 13,

    /// <summary>delivery-mode, octet: 1 transient, 2 persistent.</summary>
    DeliveryMode = 1 << 12,

    /// <summary>priority, octet.</summary>
    Priority = 1 << 11,

    /// <summary>correlation-id, short string.</summary>
    CorrelationId = 1 << 10,

    /// <summary>reply-to, short string.</summary>
    ReplyTo = 1 << 9,

    /// <summary>expiration, short string: milliseconds in decimal.</summary>
    Expiration = 1 << 8,

    /// <summary>message-id, short string.</summary>
    MessageId = 1 << 7,

    /// <summary>timestamp, 64-bit seconds.</summary>
    Timestamp = 1 << 6,

    /// <summary>type, short string.</summary>
    Type = 1 << 5,

    /// <summary>user-id, short string.</summary>
    UserId = 1 << 4,

    /// <summary>app-id, short string.</summary>
    AppId = 1 << 3,

    /// <summary>cluster-id, short string; reserved by the specification.</summary>
    ClusterId = 1 << 2,
}
