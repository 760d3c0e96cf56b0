using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Content;

/// <summary>The payload of a content header frame.</summary>
public readonly ref struct ContentHeader
{
    /* 0          2        4           12               14
       +----------+--------+-----------+----------------+-----------------+
       | class id | weight | body size | property flags | property values |
       +----------+--------+-----------+----------------+-----------------+
         short      short    longlong    short                             */

    /// <summary>The only class whose methods carry content.</summary>
    public const ushort BasicClass = 60;

    private ContentHeader(ushort classId, ulong bodySize, ReadOnlySpan<byte> properties)
    {
        ClassId = classId;
        BodySize = bodySize;
        Properties = properties;
    }

    /// <summary>
    /// The class of the method before; other than 60 is 505 UNEXPECTED_FRAME, for the channel to raise.
    /// </summary>
    public ushort ClassId { get; }

    /// <summary>Bytes of all body frames that follow; when 0, none follows.</summary>
    public ulong BodySize { get; }

    /// <summary>Flags and values, not looked into yet; see <see cref="PropertyView"/>.</summary>
    public ReadOnlySpan<byte> Properties { get; }

    /// <summary>Reads the payload of a header frame.</summary>
    /// <exception cref="ConnectionException">502: cut off.</exception>
    public static ContentHeader Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new AmqpReader(payload);
        var classId = reader.ReadShort();
        _ = reader.ReadShort(); // weight, never used
        var bodySize = reader.ReadLongLong();
        return new ContentHeader(classId, bodySize, payload[^reader.Remaining..]);
    }
}
