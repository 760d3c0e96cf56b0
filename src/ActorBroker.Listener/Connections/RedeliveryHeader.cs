using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Messages;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// The content header of a message that went out before: <c>x-delivery-count</c> says how often. Only redeliveries pay for it.
/// </summary>
internal static class RedeliveryHeader
{
    [ThreadStatic]
    private static AmqpWriter? _fields;

    [ThreadStatic]
    private static AmqpWriter? _header;

    /// <summary>The payload of the header frame; valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> Of(in Message message)
    {
        if (message.DeliveryCount == 0)
        {
            return message.Header;
        }

        var fields = _fields ??= new AmqpWriter();
        fields.Clear();
        FieldTableBytes.AppendLong(fields, "x-delivery-count"u8, message.DeliveryCount);
        var header = _header ??= new AmqpWriter();
        header.Clear();
        header.WriteRaw(message.Header[..Message.PropertiesOffset]);
        PropertyEditor.AddHeaders(message.Properties, fields.Written, header);
        return header.Written;
    }
}
