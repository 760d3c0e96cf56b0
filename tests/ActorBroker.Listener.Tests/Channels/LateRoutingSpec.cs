using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>A message that takes long to route leaves the thread of the socket, and nothing else changes.</summary>
public sealed class LateRoutingSpec : ListenerSpec
{
    [Fact]
    public async Task Order_confirms_returns_and_transactions_are_as_ever()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q", exclusive: true);
        for (var i = 0; i < 60; i++) // as many conditions as a message may be compared with in a turn, and more
        {
            await client.Wire.Declare(1, $"q{i}", exclusive: true);
            await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind($"q{i}", "amq.headers", "", false, Numbered(1000, "any", $"{i}")));
        }

        await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind("q", "amq.headers", "", false, new FieldTable([new("a", 1)])));
        await client.Wire.Confirms(1);
        var heavy = new BasicProperties { Headers = Numbered(1000, "a", "x").With("a", 1).With("BCC", new object?[] { "q" }) }.ToBytes();
        var light = new BasicProperties { Headers = new FieldTable([new("a", 1)]) }.ToBytes();
        byte[] all =
        [
            .. Frames.Publish(1, "", "q", "0"u8), .. Frames.Publish(1, "amq.headers", "", "1"u8, heavy), .. Frames.Publish(1, "", "q", "2"u8),
            .. Frames.Publish(1, "amq.headers", "", "3"u8, heavy), .. Frames.Publish(1, "amq.headers", "", "4"u8, light),
        ];
        await client.Wire.Send(all);
        await client.Wire.ExpectConfirms(1, 5);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"{i}", (await client.Wire.Get(1, "q"))?.Text);
        }
    }

    [Fact]
    public async Task A_message_with_too_many_keys_is_refused_with_406()
    {
        var client = await OpenChannel();
        var headers = new FieldTable([new("CC", Enumerable.Range(0, 5000).Select(i => (object?)$"{i}").ToArray())]);
        await client.Wire.Send(Frames.Publish(1, "", "q", "x"u8, new BasicProperties { Headers = headers }.ToBytes()));
        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal(
            (ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - invalid message: 5000 routing keys in CC and BCC, at most 4096 are allowed"),
            (close.ReplyCode, close.ReplyText));
    }

    [Fact]
    public async Task A_binding_with_too_many_conditions_is_refused_with_406()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q", exclusive: true);
        await client.Wire.Send(1, new QueueBind("q", "amq.headers", "", false, Numbered(2000, "all", "x")));
        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal(
            (ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - a headers binding with 2000 arguments: must be at most 1024 and x-match"),
            (close.ReplyCode, close.ReplyText));
    }

    private static FieldTable Numbered(int n, string match, string value) => new(
        Enumerable.Range(0, n).Select(i => KeyValuePair.Create($"n{i}", (object?)value)).Prepend(KeyValuePair.Create("x-match", (object?)match)));
}
