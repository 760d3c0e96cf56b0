using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Content;

/// <summary>
/// The 14 properties of a message where they lie in the bytes of its content header: finds, decodes nothing, allocates
/// nothing. Valid as long as those bytes are.
/// </summary>
public readonly ref struct PropertyView
{
    private const ushort Continuation = 1; // a second flags word would follow; no property needs one
    private const ushort Known = 0xFFFC; // RabbitMQ too lets bit 1 pass, which means nothing

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Offsets _offsets;

    private PropertyView(ReadOnlySpan<byte> bytes, PropertyFlags flags, scoped in Offsets offsets)
    {
        _bytes = bytes;
        _offsets = offsets;
        Flags = flags;
    }

    /// <summary>Which properties there are.</summary>
    public PropertyFlags Flags { get; }

    /// <summary>
    /// The headers without the 4-byte length, for <see cref="FieldTableBytes"/>; empty when there are none.
    /// </summary>
    public ReadOnlySpan<byte> Headers => TryGet(PropertyFlags.Headers, out var table) ? table[sizeof(uint)..] : default;

    /// <summary>1 transient, 2 persistent; 0 when not set, which means transient.</summary>
    public byte DeliveryMode => TryGet(PropertyFlags.DeliveryMode, out var value) ? value[0] : (byte)0;

    /// <summary>0 when not set, which means the same.</summary>
    public byte Priority => TryGet(PropertyFlags.Priority, out var value) ? value[0] : (byte)0;

    /// <summary>
    /// Finds all properties and checks all of the headers, so that nothing that reads them later can fail.
    /// </summary>
    /// <param name="propertyBytes">The payload of a content header frame from the flags (offset 12) to its end.</param>
    /// <exception cref="ConnectionException">
    /// 502: more than one flags word, a value cut off, headers malformed, or bytes left over.
    /// </exception>
    public static PropertyView Parse(ReadOnlySpan<byte> propertyBytes)
    {
        var reader = new AmqpReader(propertyBytes);
        var flags = reader.ReadShort();
        if ((flags & Continuation) != 0)
        {
            ConnectionException.ThrowSyntaxError($"property flags {flags:X4} announce more flags");
        }

        flags &= Known;

        var offsets = default(Offsets);
        for (int left = flags; left != 0;)
        {
            var index = IndexOf(left);
            left &= ~(1 << (15 - index));
            offsets[index] = propertyBytes.Length - reader.Remaining;
            Skip(ref reader, index);
        }

        if (reader.Remaining != 0)
        {
            ConnectionException.ThrowSyntaxError($"{reader.Remaining} bytes behind the last property");
        }

        return new PropertyView(propertyBytes, (PropertyFlags)flags, offsets);
    }

    /// <summary>Gets content-type.</summary>
    public bool TryGetContentType(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.ContentType, out value);

    /// <summary>Gets content-encoding.</summary>
    public bool TryGetContentEncoding(out ReadOnlySpan<byte> value) =>
        TryGetText(PropertyFlags.ContentEncoding, out value);

    /// <summary>Gets the headers without the 4-byte length; they may be there and empty.</summary>
    public bool TryGetHeaders(out ReadOnlySpan<byte> table)
    {
        table = Headers;
        return Has(PropertyFlags.Headers);
    }

    /// <summary>Gets delivery-mode: 1 transient, 2 persistent.</summary>
    public bool TryGetDeliveryMode(out byte value)
    {
        value = DeliveryMode;
        return Has(PropertyFlags.DeliveryMode);
    }

    /// <summary>Gets priority.</summary>
    public bool TryGetPriority(out byte value)
    {
        value = Priority;
        return Has(PropertyFlags.Priority);
    }

    /// <summary>Gets correlation-id.</summary>
    public bool TryGetCorrelationId(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.CorrelationId, out value);

    /// <summary>Gets reply-to.</summary>
    public bool TryGetReplyTo(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.ReplyTo, out value);

    /// <summary>Gets expiration: milliseconds in decimal, not checked.</summary>
    public bool TryGetExpiration(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.Expiration, out value);

    /// <summary>Gets message-id.</summary>
    public bool TryGetMessageId(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.MessageId, out value);

    /// <summary>Gets timestamp.</summary>
    public bool TryGetTimestamp(out AmqpTimestamp value)
    {
        var found = TryGet(PropertyFlags.Timestamp, out var bytes);
        value = new AmqpTimestamp(found ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0);
        return found;
    }

    /// <summary>Gets type.</summary>
    public bool TryGetType(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.Type, out value);

    /// <summary>Gets user-id.</summary>
    public bool TryGetUserId(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.UserId, out value);

    /// <summary>Gets app-id.</summary>
    public bool TryGetAppId(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.AppId, out value);

    /// <summary>Gets cluster-id.</summary>
    public bool TryGetClusterId(out ReadOnlySpan<byte> value) => TryGetText(PropertyFlags.ClusterId, out value);

    /// <summary>Gets one property as it was encoded: a short string or table with its length.</summary>
    /// <param name="property">A single flag.</param>
    /// <param name="encoded">Its bytes.</param>
    internal bool TryGet(PropertyFlags property, out ReadOnlySpan<byte> encoded)
    {
        if (!Has(property))
        {
            encoded = default;
            return false;
        }

        // It ends where the next one that is there begins.
        var later = (int)Flags & ((int)property - 1);
        var end = later == 0 ? _bytes.Length : _offsets[IndexOf(later)];
        encoded = _bytes[_offsets[IndexOf((int)property)]..end];
        return true;
    }

    private static int IndexOf(int flags) => BitOperations.LeadingZeroCount((uint)flags) - 16;

    private static void Skip(ref AmqpReader reader, int index)
    {
        switch ((PropertyFlags)(1 << (15 - index)))
        {
            case PropertyFlags.Headers:
                FieldTableBytes.Validate(reader.ReadLongString());
                break;
            case PropertyFlags.DeliveryMode or PropertyFlags.Priority:
                reader.ReadOctet();
                break;
            case PropertyFlags.Timestamp:
                reader.ReadLongLong();
                break;
            default:
                reader.ReadShortString();
                break;
        }
    }

    private bool Has(PropertyFlags property) => (Flags & property) != 0;

    private bool TryGetText(PropertyFlags property, out ReadOnlySpan<byte> value)
    {
        var found = TryGet(property, out var encoded);
        value = found ? encoded[1..] : default;
        return found;
    }

    /// <summary>Where each property starts; meaningless for those that are not there.</summary>
    [InlineArray(14)]
    private struct Offsets
    {
        private int _first;
    }
}
