using System.Net;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>How much a client may send before it is known: frames of 4 KiB and what is around them, as RabbitMQ 3.10.8 has it.</summary>
public sealed class HandshakeFrameSpec : ListenerSpec
{
    [Theory]
    [InlineData(4096)]
    [InlineData(4104)]
    public async Task A_frame_of_4_KiB_is_read_before_login(int size)
    {
        var client = Connect();
        await Begin(client);
        await client.Wire.Send(StartOkOf(size));

        await client.Wire.Expect<ConnectionTune>(0);
    }

    [Theory]
    [InlineData(4105)]
    [InlineData(131072)]
    public async Task A_larger_one_ends_the_connection_as_soon_as_its_size_is_known(int size)
    {
        var client = Connect(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 99));
        await Begin(client);
        await client.Wire.Send(StartOkOf(size).AsMemory(0, FrameReader.HeaderSize));

        await client.Wire.ExpectEnd(); // without a word, as from RabbitMQ
        await client.Ended();
        await Eventually(
            () => Diary.Warnings.Any(w => w.Contains("from 192.0.2.9:99 is refused: FRAME_ERROR", StringComparison.Ordinal)), "a line in the log");
    }

    [Fact]
    public async Task Between_start_ok_and_tune_ok_the_limit_is_the_same_and_after_it_the_agreed_one()
    {
        var early = Connect();
        await early.Wire.LogIn(new Handshake());
        await early.Wire.Send(Frames.Raw(FrameType.Method, 0, new byte[5000]).AsMemory(0, FrameReader.HeaderSize));
        Assert.Equal(Amqp.ReplyCode.FrameError, (await early.Wire.ExpectConnectionClose()).ReplyCode);

        var later = await OpenChannel();
        await later.Wire.Declare(1, "q", exclusive: true, arguments: new FieldTable([new("x-large", new string('x', 20_000))]));
    }

    [Fact]
    public async Task A_table_before_login_may_be_no_deeper_than_any_other()
    {
        byte[] deep = [];
        for (var depth = 0; depth < 300; depth++)
        {
            var writer = new AmqpWriter();
            writer.WriteShortString("d");
            writer.WriteOctet((byte)'F');
            writer.WriteLongString(deep);
            deep = writer.Written.ToArray();
        }

        var client = Connect();
        await Begin(client);
        var method = new AmqpWriter();
        method.WriteLong(ConnectionStartOk.Id);
        method.WriteLongString(deep);
        await client.Wire.Send(Frames.Raw(FrameType.Method, 0, method.Written));

        await client.Wire.ExpectEnd();
        await OthersAreServed();
    }

    private static async Task Begin(ServedClient client)
    {
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
    }

    /// <summary>A right start-ok whose frame has exactly this many bytes.</summary>
    private static byte[] StartOkOf(int size)
    {
        var properties = new Handshake().StartOk.ClientProperties;
        var without = Frames.Method(0, new Handshake().StartOk with { ClientProperties = properties.With("x", "") }).Length;
        var frame = Frames.Method(0, new Handshake().StartOk with { ClientProperties = properties.With("x", new string('x', size - without)) });
        Assert.Equal(size, frame.Length);
        return frame;
    }
}
