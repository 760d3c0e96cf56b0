using System.Net.Sockets;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Connections;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>A client whose socket is not read, since a queue is slow, goes away: that is noticed although nothing is read.</summary>
public sealed class HeldBackPeerSpec() : SocketSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private readonly TestCertificates _files = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_gives_back_what_it_held(bool reset)
    {
        var socket = await SocketClient.ConnectSocket(Plain(await Listen()));
        await using var client = SocketClient.Over(new NetworkStream(socket, ownsSocket: true));
        await Check(client, () =>
        {
            socket.LingerState = new LingerOption(reset, 0); // close sends RST
            socket.Dispose();
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task It_gives_back_what_it_held_behind_TLS()
    {
        var (certificate, key) = _files.ServerFiles;
        var listener = await Listen($"listen = \"amqps://127.0.0.1:0\", tls {{ certificate = \"{certificate}\", key = \"{key}\" }}");
        await using var client = await SocketClient.ConnectTls(Plain(listener), _files.Root);
        await Check(client, () => client.DisposeAsync().AsTask());
    }

    private async Task Check(WireClient client, Func<Task> leave)
    {
        await client.Open();
        await client.OpenChannel(1);
        await client.Declare(1, "slow");
        await client.Declare(1, "mine", exclusive: true);
        var valve = Valve.Before(Broker, "slow");
        for (var i = 0; i < 12; i++)
        {
            await client.Send(Frames.Publish(1, "", "slow", new byte[8192])); // more than is read, and less than the network takes
        }

        await Eventually(() => Broker.Connections.OfType<AmqpConnection>().Any(c => c.IsHeldBack), "the client to be held back");
        await leave();

        await Eventually(() => Broker.FindVirtualHost("/")!.FindQueue("mine") is null, "its exclusive queue to go");
        await Eventually(() => !Broker.Connections.Any(), "its connection to end");
        valve.Open();
    }
}
