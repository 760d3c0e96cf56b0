using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Content;

/// <summary>
/// Rewrites the encoded properties of a message and leaves all that is not changed byte for byte: BCC, x-death,
/// x-delivery-count, direct reply-to. Input and output start at the flags.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ConnectionException"/> (502) when the properties are malformed. The output must not
/// be the buffer that the input lies in.
/// </remarks>
public static class PropertyEditor
{
    /// <summary>Makes several changes in one pass.</summary>
    /// <param name="properties">Encoded properties.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="output">Where to.</param>
    public static void Apply(ReadOnlySpan<byte> properties, in PropertyChanges changes, AmqpWriter output)
    {
        var view = PropertyView.Parse(properties);
        var flags = (view.Flags & ~changes.Removed) | changes.Set;
        if (!changes.AddedHeaders.IsEmpty)
        {
            flags |= PropertyFlags.Headers;
        }

        output.WriteShort((ushort)flags);
        for (var property = PropertyFlags.ContentType; property != PropertyFlags.None; property = Next(property))
        {
            if ((flags & property) != 0)
            {
                WriteProperty(property, view, changes, output);
            }
        }
    }

    /// <summary>Replaces or adds the headers.</summary>
    /// <param name="properties">Encoded properties.</param>
    /// <param name="table">The new headers, without the 4-byte length; may be empty.</param>
    /// <param name="output">Where to.</param>
    public static void SetHeaders(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> table, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { Headers = table }, output);

    /// <summary>Removes the headers altogether.</summary>
    public static void RemoveHeaders(ReadOnlySpan<byte> properties, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { Removed = PropertyFlags.Headers }, output);

    /// <summary>Appends headers; those of the same names are replaced.</summary>
    /// <param name="properties">Encoded properties.</param>
    /// <param name="fields">Encoded fields, see <see cref="FieldTableBytes.Append"/>.</param>
    /// <param name="output">Where to.</param>
    public static void AddHeaders(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> fields, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { AddedHeaders = fields }, output);

    /// <summary>Removes one header; headers that become empty stay as an empty table, as in RabbitMQ.</summary>
    public static void RemoveHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { RemovedHeader = name }, output);

    /// <summary>Sets expiration, milliseconds in decimal; at most 255 bytes.</summary>
    public static void SetExpiration(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> expiration, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { Expiration = expiration }, output);

    /// <summary>Removes expiration.</summary>
    public static void RemoveExpiration(ReadOnlySpan<byte> properties, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { Removed = PropertyFlags.Expiration }, output);

    /// <summary>Sets reply-to; at most 255 bytes.</summary>
    public static void SetReplyTo(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> replyTo, AmqpWriter output) =>
        Apply(properties, new PropertyChanges { ReplyTo = replyTo }, output);

    private static PropertyFlags Next(PropertyFlags property) =>
        property == PropertyFlags.ClusterId ? PropertyFlags.None : (PropertyFlags)((int)property >> 1);

    private static void WriteProperty(
        PropertyFlags property, in PropertyView view, in PropertyChanges changes, AmqpWriter output)
    {
        if (property == PropertyFlags.Headers)
        {
            WriteHeaders(view, changes, output);
        }
        else if ((changes.Set & property) != 0)
        {
            output.WriteShortString(property == PropertyFlags.Expiration ? changes.Expiration : changes.ReplyTo);
        }
        else
        {
            view.TryGet(property, out var unchanged);
            output.WriteRaw(unchanged);
        }
    }

    private static void WriteHeaders(in PropertyView view, in PropertyChanges changes, AmqpWriter output)
    {
        var replaced = ((changes.Set | changes.Removed) & PropertyFlags.Headers) != 0;
        var start = output.BeginLength();
        foreach (var header in FieldTableBytes.Enumerate(replaced ? changes.Headers : view.Headers))
        {
            var removed = changes.RemovesHeader && header.Name.SequenceEqual(changes.RemovedHeader);
            if (!removed && !FieldTableBytes.TryFind(changes.AddedHeaders, header.Name, out _, out _))
            {
                output.WriteRaw(header.Whole);
            }
        }

        output.WriteRaw(changes.AddedHeaders);
        output.EndLength(start);
    }
}
