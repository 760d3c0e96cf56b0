using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>The listener over real sockets.</summary>
public sealed class PlainSocketSpec : SocketSpec
{
    [Fact]
    public async Task A_client_is_served_and_its_body_of_16_MiB_comes_back_whole()
    {
        var body = new byte[16 << 20];
        new Random(16).NextBytes(body);
        await using var client = await Opened(await Listen());
        await client.Declare(1, "q");
        await client.SendFlood(Frames.Publish(1, "", "q", body)).WaitAsync(WireClient.Patience);

        Assert.Equal(body, (await client.Get(1, "q"))!.Body);
        await client.Close();
    }

    [Fact]
    public async Task A_wrong_protocol_is_answered_with_the_right_header_and_the_end()
    {
        await using var client = await SocketClient.Connect(Plain(await Listen()));
        await client.Send("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Equal(Frames.ProtocolHeader, await client.ReadBytesToEnd());
    }

    /// <summary>amqplib sends its channels' buffers after connection.close. An answer by reset would take the close-ok with it.</summary>
    [Fact]
    public async Task What_a_client_sends_after_its_close_is_ignored_and_costs_it_no_answer()
    {
        await using var client = await Opened(await Listen());
        var late = Enumerable.Repeat(Frames.Publish(1, "", "q", new byte[100_000]), 30).SelectMany(p => p);
        byte[] all = [.. Frames.Method(0, new ConnectionClose(ReplyCode.Success, "", 0, 0)), .. late];
        await client.SendFlood(all).WaitAsync(WireClient.Patience);

        await client.Expect<ConnectionCloseOk>(0);
        await client.ExpectEnd();
    }

    [Fact]
    public async Task Two_endpoints_serve_the_same_queues()
    {
        var listener = await Listen("listen = [\"127.0.0.1:0\", \"127.0.0.1:0\"]");
        Assert.Equal(2, listener.Endpoints.Select(e => e.Port).Distinct().Count());
        await using var one = await Opened(listener.Endpoints[0]);
        await using var other = await Opened(listener.Endpoints[1]);
        await one.Declare(1, "shared");
        await one.Publish(1, "shared", "hello");
        await one.Sync(1);

        Assert.Equal("hello", (await other.Get(1, "shared"))?.Text);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_an_error_that_names_it()
    {
        var taken = Plain(await Listen());
        var error = await Assert.ThrowsAnyAsync<IOException>(() => Listen($"listen = \"{taken}\""));

        Assert.Contains($":{taken.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_resets_its_socket_in_the_middle_of_everything_leaves_nothing()
    {
        var listener = await Listen();
        for (var i = 0; i < 50; i++)
        {
            var socket = await SocketClient.ConnectSocket(Plain(listener));
            byte[] script =
            [
                .. new Handshake().AllAtOnce, .. Frames.Method(1, default(ChannelOpen)),
                .. Frames.Method(1, new QueueDeclare($"q{i}", false, false, Exclusive: true, false, false, Amqp.Types.FieldTable.Empty)),
                .. Frames.Method(1, WireClient.ConsumeMethod($"q{i}")), .. Frames.Publish(1, "", $"q{i}", new byte[5000]),
            ];
            await socket.SendAsync(script.AsMemory(0, script.Length - (i * 100)));
            socket.LingerState = new LingerOption(true, 0); // close sends RST
            socket.Dispose();
        }

        await Eventually(() => !Broker.Connections.Any() && !ConnectionActors.Any(), "the reset connections to end");
        await Eventually(() => !Broker.FindVirtualHost("/")!.Queues.Any(), "their exclusive queues to go");
        await using var client = await Opened(listener);
        await client.RoundTrip(1);
    }

    [Fact]
    public async Task A_half_closed_socket_gets_its_answers_before_the_end()
    {
        var socket = await SocketClient.ConnectSocket(Plain(await Listen()));
        await using var client = SocketClient.Over(new NetworkStream(socket, ownsSocket: true));
        await client.Send((byte[])
        [
            .. new Handshake().AllAtOnce, .. Frames.Method(1, default(ChannelOpen)), .. Frames.Publish(1, "", "nowhere", "x"u8, mandatory: true),
        ]);
        socket.Shutdown(SocketShutdown.Send);

        var answers = await client.ReadToEnd();
        Assert.Contains(answers, f => f.MethodId == ChannelOpenOk.Id);
        Assert.Contains(answers, f => f.MethodId == BasicReturn.Id);
    }

    [Fact]
    public async Task Stopping_tells_each_client_320_and_accepts_no_more()
    {
        var listener = await Listen();
        var endpoint = Plain(listener);
        await using var first = await Opened(listener);
        await using var second = await Opened(listener);
        var stopping = listener.StopAsync(Broker, WireClient.Patience);

        foreach (var client in new[] { first, second })
        {
            var close = await client.ExpectConnectionClose();
            Assert.Equal(
                (ReplyCode.ConnectionForced, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"),
                (close.ReplyCode, close.ReplyText));
        }

        await stopping.WaitAsync(WireClient.Patience);
        await Assert.ThrowsAnyAsync<SocketException>(() => SocketClient.ConnectSocket(endpoint));
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_ever_for_a_client_that_does_not_answer()
    {
        var listener = await Listen();
        await using var deaf = await Opened(listener);
        await listener.StopAsync(Broker, TimeSpan.FromSeconds(1)).WaitAsync(WireClient.Patience);

        await deaf.Expect<ConnectionClose>(0);
        await deaf.ExpectEnd();
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_its_socket_does_not_delay_another()
    {
        var listener = await Listen();
        await using var publisher = await Opened(listener);
        await publisher.Declare(1, "fast");
        await using var deaf = await Opened(listener);
        await deaf.Send(1, WireClient.ConsumeMethod("fast", noAck: true));
        var batch = Enumerable.Repeat(Frames.Publish(1, "", "fast", new byte[1024]), 64).SelectMany(p => p).ToArray();
        for (var i = 0; i < 512; i++)
        {
            await publisher.SendFlood(batch).WaitAsync(WireClient.Patience);
        }

        await publisher.Sync(1);
        await using var good = await Opened(listener);
        await good.RoundTrip(1);
        Assert.InRange((await publisher.Declare(1, "fast", passive: true)).MessageCount, 10_000u, 32_768u);
    }

    private static Task<WireClient> Opened(AmqpListener listener) => Opened(Plain(listener));

    private static async Task<WireClient> Opened(IPEndPoint endpoint)
    {
        var client = await SocketClient.Connect(endpoint);
        await client.Open();
        await client.OpenChannel(1);
        return client;
    }
}
