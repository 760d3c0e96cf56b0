using System.Buffers.Binary;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>One frame from the broker.</summary>
public sealed record WireFrame(byte Type, ushort Channel, byte[] Payload)
{
    /// <summary>Ids of the method; 0 for other frames.</summary>
    public uint MethodId => Type == FrameType.Method ? BinaryPrimitives.ReadUInt32BigEndian(Payload) : 0;

    /// <summary>The frame as this method.</summary>
    public T As<T>()
        where T : struct, IAmqpMethod<T>
    {
        Assert.Equal((FrameType.Method, T.MethodId), (Type, MethodId));
        var reader = new AmqpReader(Payload.AsSpan(4));
        var method = T.Read(ref reader);
        Assert.Equal(0, reader.Remaining);
        return method;
    }

    public override string ToString() => Type switch
    {
        FrameType.Method when MethodId == ConnectionClose.Id => $"{Channel}: {As<ConnectionClose>()}",
        FrameType.Method when MethodId == ChannelClose.Id => $"{Channel}: {As<ChannelClose>()}",
        FrameType.Method => $"{Channel}: {MethodTable.Describe(MethodId)}",
        _ => $"{Channel}: frame of type {Type} with {Payload.Length} bytes",
    };
}
