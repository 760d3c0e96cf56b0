using System.Buffers.Binary;
using System.Text;

namespace ActorBroker.Core.Messages;

/// <summary>
/// A message as the bytes of its publish: exchange and routing key (two short strings), the content header's payload, the body,
/// one after the other. They are re-emitted untouched, so a delivery is one copy per socket.
/// </summary>
/// <remarks>A value of 48 bytes that lives in arrays: no object per message. Each copy in a queue stands for one reference on <see cref="Owner"/>.</remarks>
internal struct Message
{
    /// <summary>Offset of the property flags in the content header's payload: class, weight and body size come before.</summary>
    public const int PropertiesOffset = 12;

    /// <summary>Where the bytes lie; null for a hole that an expired message left.</summary>
    public byte[]? Buffer;

    /// <summary>Whose reference count this message holds; null when the buffer is the message's own.</summary>
    public Slab? Owner;

    /// <summary>
    /// Its number in the log of its queue, from 1, ascending in the order of the queue; 0 for a message that is in no log.
    /// </summary>
    public long Sequence;

    /// <summary>Where the exchange's short string starts.</summary>
    public int Offset;

    /// <summary>Bytes of the content header's payload.</summary>
    public int HeaderLength;

    /// <summary>Bytes of the body.</summary>
    public int BodyLength;

    /// <summary>How often this message was handed to a consumer and came back.</summary>
    public int DeliveryCount;

    /// <summary>Bytes of the two short strings together, 2 to 512.</summary>
    public ushort NamesLength;

    /// <summary>The lane it waits in; 0 unless the queue has priorities.</summary>
    public byte Priority;

    /// <summary>What routing learnt from the properties.</summary>
    public MessageFlags Flags;

    /// <summary>How many queues it went to, when it went to more than one; 65535 for more than that.</summary>
    public ushort Copies;

    /// <summary>Bytes in memory.</summary>
    public readonly int Length => NamesLength + HeaderLength + BodyLength;

    /// <summary>True when it went out before, or may have (<c>redelivered</c>).</summary>
    public readonly bool Redelivered => DeliveryCount > 0 || (Flags & MessageFlags.MayBeDelivered) != 0;

    /// <summary>The two short strings, exchange then routing key, as basic.deliver wants them.</summary>
    public readonly ReadOnlySpan<byte> Names => Buffer.AsSpan(Offset, NamesLength);

    /// <summary>The exchange it was published to.</summary>
    public readonly ReadOnlySpan<byte> Exchange => Buffer.AsSpan(Offset + 1, Buffer![Offset]);

    /// <summary>The routing key it was published with.</summary>
    public readonly ReadOnlySpan<byte> RoutingKey
    {
        get
        {
            var exchange = Buffer![Offset];
            return Buffer.AsSpan(Offset + 2 + exchange, NamesLength - exchange - 2);
        }
    }

    /// <summary>The content header's payload: class, weight, body size, properties.</summary>
    public readonly ReadOnlySpan<byte> Header => Buffer.AsSpan(Offset + NamesLength, HeaderLength);

    /// <summary>Flags and values of the properties.</summary>
    public readonly ReadOnlySpan<byte> Properties => Header[PropertiesOffset..];

    /// <summary>The body.</summary>
    public readonly ReadOnlySpan<byte> Body => Buffer.AsSpan(Offset + NamesLength + HeaderLength, BodyLength);

    /// <summary>A message in a buffer of its own, for the paths that make one: dead-lettering, embedded publishers, tests.</summary>
    /// <param name="exchange">Exchange name, up to 255 bytes.</param>
    /// <param name="routingKey">Routing key, up to 255 bytes.</param>
    /// <param name="properties">Property flags and values, as in a content header.</param>
    /// <param name="body">The body.</param>
    public static Message Create(
        ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> body)
    {
        var names = exchange.Length + routingKey.Length + 2;
        var buffer = GC.AllocateUninitializedArray<byte>(names + PropertiesOffset + properties.Length + body.Length);
        buffer[0] = checked((byte)exchange.Length);
        exchange.CopyTo(buffer.AsSpan(1));
        buffer[1 + exchange.Length] = checked((byte)routingKey.Length);
        routingKey.CopyTo(buffer.AsSpan(2 + exchange.Length));
        var header = buffer.AsSpan(names);
        BinaryPrimitives.WriteUInt32BigEndian(header, 60u << 16);
        BinaryPrimitives.WriteUInt64BigEndian(header[4..], (ulong)body.Length);
        properties.CopyTo(header[PropertiesOffset..]);
        body.CopyTo(header[(PropertiesOffset + properties.Length)..]);
        return new Message
        {
            Buffer = buffer,
            NamesLength = (ushort)names,
            HeaderLength = PropertiesOffset + properties.Length,
            BodyLength = body.Length,
        };
    }

    /// <summary>A message in a buffer of its own, with names as text.</summary>
    public static Message Create(string exchange, string routingKey, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> body) =>
        Create(Encoding.UTF8.GetBytes(exchange), Encoding.UTF8.GetBytes(routingKey), properties, body);

    /// <summary>One holder less. A run of messages is cheaper through <see cref="MessageRun.Release"/>.</summary>
    public readonly void Release() => Owner?.Release(1);

    /// <summary>The message for somebody who holds no reference: in memory that nobody else gives back.</summary>
    public readonly Message Alone()
    {
        if (Owner is null && Buffer!.Length == Length)
        {
            return this;
        }

        var copy = this;
        copy.Buffer = Buffer.AsSpan(Offset, Length).ToArray();
        copy.Offset = 0;
        copy.Owner = null;
        return copy;
    }

    /// <summary>
    /// The same message in a buffer of its own, so that it no longer pins a slab; the reference on the old one is returned.
    /// </summary>
    public readonly Message CopiedOut()
    {
        if (Owner is null)
        {
            return this;
        }

        var copy = this;
        copy.Buffer = Buffer.AsSpan(Offset, Length).ToArray();
        copy.Offset = 0;
        copy.Owner = null;
        Owner.Release(1);
        return copy;
    }
}

/// <summary>What the publisher's side learnt of a message when it read its properties, once.</summary>
[Flags]
internal enum MessageFlags : byte
{
    /// <summary>Nothing of note.</summary>
    None = 0,

    /// <summary>delivery-mode 2: written to the journal of a durable queue.</summary>
    Persistent = 1,

    /// <summary>Has an <c>expiration</c> of its own.</summary>
    HasExpiration = 2,

    /// <summary>Published with <c>mandatory</c>.</summary>
    Mandatory = 4,

    /// <summary>Has headers.</summary>
    HasHeaders = 8,

    /// <summary>Went to more queues than one: a log that holds several of them stores its bytes once.</summary>
    Shared = 16,

    /// <summary>A broker that died may have handed it out before.</summary>
    MayBeDelivered = 32,
}
