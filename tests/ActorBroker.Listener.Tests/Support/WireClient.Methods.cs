using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>A message as a client sees it.</summary>
public sealed record Delivery(ulong Tag, bool Redelivered, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <content>The everyday calls.</content>
public sealed partial class WireClient
{
    /// <summary>The handshake, step by step, up to and with tune.</summary>
    public async Task<ConnectionTune> LogIn(Handshake handshake)
    {
        await Send(Frames.ProtocolHeader);
        await Expect<ConnectionStart>(0);
        return await Call<ConnectionStartOk, ConnectionTune>(0, handshake.StartOk);
    }

    /// <summary>The handshake up to connection.open; its answer is left to be read.</summary>
    public async Task Enter(Handshake handshake)
    {
        await LogIn(handshake);
        await Send(0, handshake.TuneOk);
        await Send(0, handshake.Open);
    }

    /// <summary>The whole handshake.</summary>
    public async Task<WireClient> Open(Handshake? handshake = null)
    {
        await Enter(handshake ?? new Handshake());
        await Expect<ConnectionOpenOk>(0);
        return this;
    }

    public Task OpenChannel(ushort channel) => Call<ChannelOpen, ChannelOpenOk>(channel, default);

    public Task<QueueDeclareOk> Declare(ushort channel, string queue, bool exclusive = false, bool passive = false, FieldTable? arguments = null) =>
        Call<QueueDeclare, QueueDeclareOk>(
            channel, new QueueDeclare(queue, passive, Durable: false, exclusive, AutoDelete: false, NoWait: false, arguments ?? FieldTable.Empty));

    public Task Confirms(ushort channel) => Call<ConfirmSelect, ConfirmSelectOk>(channel, new ConfirmSelect(NoWait: false));

    public Task Prefetch(ushort channel, ushort count) => Call<BasicQos, BasicQosOk>(channel, new BasicQos(0, count, Global: false));

    public Task Consume(ushort channel, string queue, bool noAck = false, string tag = "c") =>
        Call<BasicConsume, BasicConsumeOk>(channel, ConsumeMethod(queue, noAck, tag));

    public static BasicConsume ConsumeMethod(string queue, bool noAck = false, string tag = "c") =>
        new(queue, tag, NoLocal: false, noAck, Exclusive: false, NoWait: false, FieldTable.Empty);

    /// <summary>Publishes to a queue by the default exchange.</summary>
    public Task Publish(ushort channel, string queue, string body) => Send(Frames.Publish(channel, "", queue, Encoding.UTF8.GetBytes(body)));

    /// <summary>Confirms up to this publish, in one or more steps.</summary>
    public async Task ExpectConfirms(ushort channel, ulong last)
    {
        for (ulong confirmed = 0; confirmed < last;)
        {
            var ack = await Expect<BasicAck>(channel);
            Assert.True(ack.DeliveryTag > confirmed && ack.DeliveryTag <= last, $"{ack} after {confirmed}");
            confirmed = ack.DeliveryTag;
        }
    }

    /// <summary>basic.deliver comes next, with all its content.</summary>
    public async Task<Delivery> ExpectDelivery(ushort channel)
    {
        var deliver = await Expect<BasicDeliver>(channel);
        return new Delivery(deliver.DeliveryTag, deliver.Redelivered, await ReadContent(channel));
    }

    /// <summary>basic.get; null when the queue is empty.</summary>
    public async Task<Delivery?> Get(ushort channel, string queue, bool noAck = true)
    {
        await Send(channel, new BasicGet(queue, noAck));
        var answer = await Read("an answer to basic.get");
        Assert.NotNull(answer);
        if (answer.MethodId == BasicGetEmpty.Id)
        {
            return null;
        }

        var got = answer.As<BasicGetOk>();
        return new Delivery(got.DeliveryTag, got.Redelivered, await ReadContent(channel));
    }

    /// <summary>The broker answers on this channel: all that was sent on the connection before is handled.</summary>
    public Task Sync(ushort channel) => Prefetch(channel, 0);

    /// <summary>Publishes to a queue of its own, is confirmed and gets it back: everything that a broker must do.</summary>
    public async Task RoundTrip(ushort channel, string body = "there and back")
    {
        var queue = (await Declare(channel, "", exclusive: true)).Queue;
        await Publish(channel, queue, body);
        var got = await Get(channel, queue);
        Assert.Equal(body, got?.Text);
        await Call<QueueDelete, QueueDeleteOk>(channel, new QueueDelete(queue, IfUnused: false, IfEmpty: false, NoWait: false));
    }

    /// <summary>connection.close from the client's side.</summary>
    public async Task Close()
    {
        await Call<ConnectionClose, ConnectionCloseOk>(0, new ConnectionClose(Amqp.ReplyCode.Success, "bye", 0, 0));
        await ExpectEnd();
    }

    /// <summary>Header and body frames.</summary>
    public async Task<byte[]> ReadContent(ushort channel)
    {
        var header = await Read("a content header");
        Assert.Equal((FrameType.Header, channel), (header!.Type, header.Channel));
        var body = new byte[ContentHeader.Parse(header.Payload).BodySize];
        for (var at = 0; at < body.Length;)
        {
            var piece = await Read("a body frame");
            Assert.Equal((FrameType.Body, channel), (piece!.Type, piece.Channel));
            piece.Payload.CopyTo(body, at);
            at += piece.Payload.Length;
        }

        return body;
    }
}
