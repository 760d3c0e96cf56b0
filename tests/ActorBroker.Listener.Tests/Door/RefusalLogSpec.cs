using System.Net;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>Whoever is not let in leaves one line, at the level that is shown by default.</summary>
public sealed class RefusalLogSpec() : VirtualTimeSpec("actor-broker.amqp.max-connections = 1")
{
    private static readonly IPEndPoint Peer = new(IPAddress.Parse("127.0.0.9"), 1234);

    [Fact]
    public async Task A_wrong_protocol()
    {
        var client = Connect(Peer);
        await client.Wire.Send("GET / HTTP/1.1\r\n"u8.ToArray());
        await client.Ended();

        await Says("it does not begin with the header of AMQP 0-9-1 but with 474554202F204854");
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long()
    {
        var client = Connect(Peer);
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await Pass(TimeSpan.FromSeconds(11), client);
        await client.Ended();

        await Says("its handshake is not finished after 00:00:10");
    }

    [Fact]
    public async Task A_virtual_host_that_is_not_there()
    {
        var client = Connect(Peer);
        await client.Wire.Enter(new Handshake { VirtualHost = "no\nsuch" });
        Assert.Equal(ReplyCode.NotAllowed, (await client.Wire.ExpectConnectionClose()).ReplyCode);

        await Says("NOT_ALLOWED - vhost no\\nsuch not found");
    }

    [Fact]
    public async Task One_connection_too_many()
    {
        await Open();
        var client = Connect(Peer);
        await client.Wire.Enter(new Handshake());
        await client.Wire.ExpectConnectionClose();

        await Says("NOT_ALLOWED - connection limit (1) is reached");
    }

    [Fact]
    public async Task A_mechanism_that_was_not_offered()
    {
        var client = Connect(Peer);
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await client.Wire.Send(0, new Handshake { Mechanism = "EXTERNAL", Response = [] }.StartOk);
        Assert.Equal(ReplyCode.CommandInvalid, (await client.Wire.ExpectConnectionClose()).ReplyCode);

        await Says("unsupported SASL mechanism 'EXTERNAL'; offered are PLAIN, AMQPLAIN");
    }

    [Fact]
    public async Task Who_only_looks_whether_somebody_listens_leaves_none()
    {
        var client = Connect(Peer);
        client.Wire.FinishSending();
        await client.Ended();

        Assert.Empty(Diary.Warnings);
    }

    private Task Says(string what) => Eventually(
        () => Diary.Warnings.Count == 1 && Diary.Warnings.Single() is var line
            && line.Contains("from 127.0.0.9:1234 is refused: ", StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal),
        () => $"one line with '{what}', there is: {string.Join(" | ", Diary.Warnings)}");
}
