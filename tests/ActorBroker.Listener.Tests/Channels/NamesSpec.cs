using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Where bytes of the wire become names: what is not UTF-8 is no name.</summary>
public sealed class NamesSpec() : ListenerSpec(
    """
    actor-broker.users.alice { password = "a", permissions { "/" { configure = ".*", write = "^(mine|q)", read = ".*" } } }
    actor-broker.users."u\ufffd" { password = "a", permissions { "/" { read = ".*" } } }
    """)
{
    private static readonly byte[] Bad = [.. "ne"u8, 0xFF];

    [Theory]
    [InlineData("x-dead-letter-exchange", "invalid arg 'x-dead-letter-exchange' for queue 'q' in vhost '/': it is not valid UTF-8")]
    [InlineData("x-dead-letter-routing-key", "invalid arg 'x-dead-letter-routing-key' for queue 'q' in vhost '/': it is not valid UTF-8")]
    [InlineData("x-overflow", "invalid arg 'x-overflow' for queue 'q' in vhost '/': invalid_overflow")]
    public async Task An_argument_of_a_queue_is_refused_with_406(string argument, string text)
    {
        var client = await OpenChannel(new Handshake().As("alice", "a"));
        var arguments = new FieldTable([new("x-dead-letter-exchange", "mine")]).With(argument, new LongString(Bad));
        await client.Wire.Send(1, new QueueDeclare("q", false, false, false, false, false, arguments));
        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal((ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {text}"), (close.ReplyCode, close.ReplyText));
    }

    [Fact]
    public async Task An_alternate_exchange_is_refused_with_406()
    {
        var client = await OpenChannel(new Handshake().As("alice", "a"));
        var arguments = new FieldTable([new("alternate-exchange", new LongString(Bad))]);
        await client.Wire.Send(1, new ExchangeDeclare("e", "direct", false, false, false, false, false, arguments));
        Assert.Equal(ReplyCode.PreconditionFailed, (await client.Wire.ExpectChannelClose(1)).ReplyCode);
    }

    [Theory]
    [InlineData("queue.declare")]
    [InlineData("queue.bind key")]
    [InlineData("exchange.declare")]
    [InlineData("basic.consume tag")]
    [InlineData("basic.publish exchange")]
    public async Task A_field_that_is_a_name_is_refused_with_501_as_RabbitMQ_does(string what)
    {
        var client = await OpenChannel();
        await client.Wire.Send(what switch
        {
            "queue.declare" => Patched(Frames.Method(1, new QueueDeclare("ne?", false, false, false, false, false, FieldTable.Empty))),
            "queue.bind key" => Patched(Frames.Method(1, new QueueBind("q", "amq.topic", "ne?", false, FieldTable.Empty))),
            "exchange.declare" => Patched(Frames.Method(1, new ExchangeDeclare("ne?", "direct", false, false, false, false, false, FieldTable.Empty))),
            "basic.consume tag" => Patched(Frames.Method(1, WireClient.ConsumeMethod("q", tag: "ne?"))),
            _ => Patched(Frames.Publish(1, "ne?", "key", "body"u8)),
        });
        var close = await client.Wire.ExpectConnectionClose();
        Assert.Equal((ReplyCode.FrameError, "FRAME_ERROR - Malformed UTF-8 in shortstr"), (close.ReplyCode, close.ReplyText));
    }

    [Fact]
    public async Task A_routing_key_and_headers_stay_bytes()
    {
        var client = await OpenChannel();
        await client.Wire.Send(Patched(Frames.Publish(1, "", "ne?", "body"u8)));
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_login_that_would_read_as_another_user_is_refused()
    {
        var client = Connect();
        await client.Wire.LogIn(new Handshake().As("u\ufffd", "a")); // is let in
        var other = Connect();
        await other.Wire.Send(Frames.ProtocolHeader);
        await other.Wire.Expect<ConnectionStart>(0);
        await other.Wire.Send(0, new Handshake { Response = [0, (byte)'u', 0xFF, 0, (byte)'a'] }.StartOk);
        Assert.Equal(ReplyCode.AccessRefused, (await other.Wire.ExpectConnectionClose()).ReplyCode);
    }

    /// <summary>The ? becomes a byte that is in no UTF-8.</summary>
    private static byte[] Patched(byte[] frame) => Array.ConvertAll(frame, b => b == '?' ? (byte)0xFF : b);
}
