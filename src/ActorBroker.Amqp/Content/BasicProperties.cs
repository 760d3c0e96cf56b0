using System.Text;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Content;

/// <summary>
/// The 14 properties of a message, decoded; null where not set. For management, tests and messages the broker makes
/// itself: a message that only passes through keeps its bytes and is looked at by <see cref="PropertyView"/>.
/// </summary>
public sealed record BasicProperties
{
    /// <summary>No property set.</summary>
    public static BasicProperties Empty { get; } = new();

    /// <summary>MIME type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>MIME encoding of the body.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Headers of the application, and those the broker adds such as x-death.</summary>
    public FieldTable? Headers { get; init; }

    /// <summary>1 transient, 2 persistent.</summary>
    public byte? DeliveryMode { get; init; }

    /// <summary>0 to 255; matters on a queue declared with x-max-priority.</summary>
    public byte? Priority { get; init; }

    /// <summary>Which request a reply answers.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Queue that a reply goes to.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Time to live in milliseconds, in decimal.</summary>
    public string? Expiration { get; init; }

    /// <summary>An id the application chose.</summary>
    public string? MessageId { get; init; }

    /// <summary>When the application says it was sent.</summary>
    public AmqpTimestamp? Timestamp { get; init; }

    /// <summary>Kind of message, for the application.</summary>
    public string? Type { get; init; }

    /// <summary>User that publishes; the broker checks it (406).</summary>
    public string? UserId { get; init; }

    /// <summary>Application that publishes.</summary>
    public string? AppId { get; init; }

    /// <summary>Reserved by the specification, passed on by RabbitMQ.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Decodes the bytes of a content header from the flags on.</summary>
    /// <remarks>Bytes that are not UTF-8 are shown as replacement characters.</remarks>
    /// <exception cref="ConnectionException">502: as <see cref="PropertyView.Parse"/>.</exception>
    public static BasicProperties Decode(ReadOnlySpan<byte> propertyBytes)
    {
        var view = PropertyView.Parse(propertyBytes);
        return new BasicProperties
        {
            ContentType = view.TryGetContentType(out var text) ? Encoding.UTF8.GetString(text) : null,
            ContentEncoding = view.TryGetContentEncoding(out text) ? Encoding.UTF8.GetString(text) : null,
            Headers = view.TryGetHeaders(out var table) ? FieldTable.FromValidated(table) : null,
            DeliveryMode = view.TryGetDeliveryMode(out var octet) ? octet : null,
            Priority = view.TryGetPriority(out octet) ? octet : null,
            CorrelationId = view.TryGetCorrelationId(out text) ? Encoding.UTF8.GetString(text) : null,
            ReplyTo = view.TryGetReplyTo(out text) ? Encoding.UTF8.GetString(text) : null,
            Expiration = view.TryGetExpiration(out text) ? Encoding.UTF8.GetString(text) : null,
            MessageId = view.TryGetMessageId(out text) ? Encoding.UTF8.GetString(text) : null,
            Timestamp = view.TryGetTimestamp(out var timestamp) ? timestamp : null,
            Type = view.TryGetType(out text) ? Encoding.UTF8.GetString(text) : null,
            UserId = view.TryGetUserId(out text) ? Encoding.UTF8.GetString(text) : null,
            AppId = view.TryGetAppId(out text) ? Encoding.UTF8.GetString(text) : null,
            ClusterId = view.TryGetClusterId(out text) ? Encoding.UTF8.GetString(text) : null,
        };
    }

    /// <summary>Writes flags and values, as they follow the body size in a content header.</summary>
    /// <exception cref="ArgumentException">A text has more than 255 bytes.</exception>
    public void Encode(AmqpWriter writer)
    {
        writer.WriteShort((ushort)Flags());
        WriteText(writer, ContentType);
        WriteText(writer, ContentEncoding);
        if (Headers is not null)
        {
            writer.WriteTable(Headers);
        }

        WriteOctet(writer, DeliveryMode);
        WriteOctet(writer, Priority);
        WriteText(writer, CorrelationId);
        WriteText(writer, ReplyTo);
        WriteText(writer, Expiration);
        WriteText(writer, MessageId);
        if (Timestamp is { } timestamp)
        {
            writer.WriteTimestamp(timestamp);
        }

        WriteText(writer, Type);
        WriteText(writer, UserId);
        WriteText(writer, AppId);
        WriteText(writer, ClusterId);
    }

    /// <summary>Flags and values as a new array.</summary>
    /// <exception cref="ArgumentException">A text has more than 255 bytes.</exception>
    public byte[] ToBytes()
    {
        var writer = new AmqpWriter();
        Encode(writer);
        return writer.Written.ToArray();
    }

    private static void WriteText(AmqpWriter writer, string? value)
    {
        if (value is not null)
        {
            writer.WriteShortString(value);
        }
    }

    private static void WriteOctet(AmqpWriter writer, byte? value)
    {
        if (value is { } octet)
        {
            writer.WriteOctet(octet);
        }
    }

    private PropertyFlags Flags() =>
        (ContentType is null ? 0 : PropertyFlags.ContentType)
        | (ContentEncoding is null ? 0 : PropertyFlags.ContentEncoding)
        | (Headers is null ? 0 : PropertyFlags.Headers)
        | (DeliveryMode is null ? 0 : PropertyFlags.DeliveryMode)
        | (Priority is null ? 0 : PropertyFlags.Priority)
        | (CorrelationId is null ? 0 : PropertyFlags.CorrelationId)
        | (ReplyTo is null ? 0 : PropertyFlags.ReplyTo)
        | (Expiration is null ? 0 : PropertyFlags.Expiration)
        | (MessageId is null ? 0 : PropertyFlags.MessageId)
        | (Timestamp is null ? 0 : PropertyFlags.Timestamp)
        | (Type is null ? 0 : PropertyFlags.Type)
        | (UserId is null ? 0 : PropertyFlags.UserId)
        | (AppId is null ? 0 : PropertyFlags.AppId)
        | (ClusterId is null ? 0 : PropertyFlags.ClusterId);
}
