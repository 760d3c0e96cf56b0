using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Framing;

/// <summary>Writes whole frames.</summary>
public static class FrameWriter
{
    /// <summary>Writes one method frame.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="channel">0 for the connection itself.</param>
    /// <param name="method">The method with its arguments.</param>
    /// <exception cref="ArgumentException">An argument that is a short string has more than 255 bytes.</exception>
    public static void WriteMethod<T>(AmqpWriter output, ushort channel, in T method)
        where T : struct, IAmqpMethod, allows ref struct
    {
        var start = Begin(output, FrameType.Method, channel);
        output.WriteLong(T.MethodId);
        method.Write(output);
        End(output, start);
    }

    /// <summary>
    /// Writes basic.deliver (60, 60) from names that are bytes already; the same frame as <see cref="BasicDeliver"/>.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="channel">The channel of the consumer.</param>
    /// <param name="consumerTag">Unique on its channel.</param>
    /// <param name="deliveryTag">Counts from 1 on its channel.</param>
    /// <param name="redelivered">It may have been delivered before.</param>
    /// <param name="exchange">Where it was published; empty is the default exchange.</param>
    /// <param name="routingKey">With which it was published; need not be UTF-8.</param>
    /// <exception cref="ArgumentException">A name has more than 255 bytes.</exception>
    public static void WriteDeliver(
        AmqpWriter output,
        ushort channel,
        ReadOnlySpan<byte> consumerTag,
        ulong deliveryTag,
        bool redelivered,
        ReadOnlySpan<byte> exchange,
        ReadOnlySpan<byte> routingKey)
    {
        var start = Begin(output, FrameType.Method, channel);
        output.WriteLong(BasicDeliver.Id);
        output.WriteShortString(consumerTag);
        output.WriteLongLong(deliveryTag);
        output.WriteBits(redelivered);
        output.WriteShortString(exchange);
        output.WriteShortString(routingKey);
        End(output, start);
    }

    /// <summary>Writes a heartbeat: channel 0, no payload.</summary>
    public static void WriteHeartbeat(AmqpWriter output) => End(output, Begin(output, FrameType.Heartbeat, channel: 0));

    /// <summary>
    /// Writes the content that follows basic.publish, basic.deliver, basic.get-ok or basic.return: a header frame and
    /// as many body frames as <paramref name="frameMax"/> asks for; none when the body is empty.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="channel">The channel of the method.</param>
    /// <param name="properties">Encoded properties, from the flags on; copied unchanged.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="frameMax">As agreed in connection.tune, in bytes; 4096 or more, or 0 for no limit.</param>
    public static void WriteContent(
        AmqpWriter output, ushort channel, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> body, uint frameMax)
    {
        var start = Begin(output, FrameType.Header, channel);
        output.WriteShort(ContentHeader.BasicClass);
        output.WriteShort(0); // weight, never used
        output.WriteLongLong((ulong)body.Length);
        output.WriteRaw(properties);
        End(output, start);

        var limit = frameMax == 0 ? int.MaxValue : (int)Math.Min(frameMax - FrameReader.Overhead, int.MaxValue);
        while (!body.IsEmpty)
        {
            var piece = body[..Math.Min(limit, body.Length)];
            start = Begin(output, FrameType.Body, channel);
            output.WriteRaw(piece);
            End(output, start);
            body = body[piece.Length..];
        }
    }

    private static int Begin(AmqpWriter output, byte type, ushort channel)
    {
        output.WriteOctet(type);
        output.WriteShort(channel);
        return output.BeginLength();
    }

    private static void End(AmqpWriter output, int start)
    {
        output.EndLength(start);
        output.WriteOctet(FrameReader.FrameEnd);
    }
}
