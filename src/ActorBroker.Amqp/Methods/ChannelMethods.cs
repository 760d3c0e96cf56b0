using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>channel.open</c> (20, 10), client to broker: opens the channel whose number the frame bears. Answered by
/// open-ok, or 504 CHANNEL_ERROR.
/// </summary>
public readonly record struct ChannelOpen : IAmqpMethod<ChannelOpen>
{
    /// <summary>Class 20, method 10.</summary>
    public const uint Id = (20u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelOpen Read(ref AmqpReader reader)
    {
        _ = reader.ReadShortString();
        return default;
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString("");
}

/// <summary><c>channel.open-ok</c> (20, 11), broker to client: the channel is open.</summary>
public readonly record struct ChannelOpenOk : IAmqpMethod<ChannelOpenOk>
{
    /// <summary>Class 20, method 11.</summary>
    public const uint Id = (20u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelOpenOk Read(ref AmqpReader reader)
    {
        _ = reader.ReadLongString();
        return default;
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteLongString("");
}

/// <summary>
/// <c>channel.flow</c> (20, 20), both directions: stops or restarts content. Answered by flow-ok. RabbitMQ refuses
/// false with 540.
/// </summary>
/// <param name="Active">True: content may flow.</param>
public readonly record struct ChannelFlow(bool Active) : IAmqpMethod<ChannelFlow>
{
    /// <summary>Class 20, method 20.</summary>
    public const uint Id = (20u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelFlow Read(ref AmqpReader reader) => new((reader.ReadOctet() & 1) != 0);

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteBits(Active);
}

/// <summary><c>channel.flow-ok</c> (20, 21), both directions: answers flow.</summary>
/// <param name="Active">As asked for.</param>
public readonly record struct ChannelFlowOk(bool Active) : IAmqpMethod<ChannelFlowOk>
{
    /// <summary>Class 20, method 21.</summary>
    public const uint Id = (20u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelFlowOk Read(ref AmqpReader reader) => new((reader.ReadOctet() & 1) != 0);

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteBits(Active);
}

/// <summary>
/// <c>channel.close</c> (20, 40), both directions: the channel ends. Answered by close-ok; all else on the channel is
/// ignored meanwhile.
/// </summary>
/// <param name="ReplyCode">Why.</param>
/// <param name="ReplyText">Why, in words.</param>
/// <param name="ClassId">Class of the method at fault; 0 when none is.</param>
/// <param name="MethodId">Method at fault within its class; 0 when none is.</param>
public readonly record struct ChannelClose(ReplyCode ReplyCode, string ReplyText, ushort ClassId, ushort MethodId)
    : IAmqpMethod<ChannelClose>
{
    /// <summary>Class 20, method 40.</summary>
    public const uint Id = (20u << 16) | 40;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelClose Read(ref AmqpReader reader)
    {
        var replyCode = (ReplyCode)reader.ReadShort();
        var replyText = reader.ReadShortText();
        var classId = reader.ReadShort();
        var methodId = reader.ReadShort();
        return new ChannelClose(replyCode, replyText, classId, methodId);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort((ushort)ReplyCode);
        writer.WriteShortString(ReplyText);
        writer.WriteShort(ClassId);
        writer.WriteShort(MethodId);
    }
}

/// <summary><c>channel.close-ok</c> (20, 41), both directions: the channel number may be used again.</summary>
public readonly record struct ChannelCloseOk : IAmqpMethod<ChannelCloseOk>
{
    /// <summary>Class 20, method 41.</summary>
    public const uint Id = (20u << 16) | 41;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ChannelCloseOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
