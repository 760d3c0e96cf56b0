using System.Net;
using System.Net.Sockets;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Sockets;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>More peers than may be on their way in, over real sockets.</summary>
public sealed class CrowdedDoorSpec : SocketSpec
{
    private const string TenPlaces = "listen = \"127.0.0.1:0\", max-handshakes = 10, handshake-timeout = 60s";

    [Fact]
    public async Task An_address_that_fills_all_places_loses_one_to_another_and_the_log_says_so()
    {
        var endpoint = Plain(await Listen(TenPlaces));
        var crowd = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            var client = await SocketClient.Connect(endpoint);
            await client.Send(Frames.ProtocolHeader);
            await client.Expect<ConnectionStart>(0);
            return client;
        }));
        await using var honest = SocketClient.Over(new NetworkStream(await From("127.0.0.2", endpoint), ownsSocket: true));
        await honest.Open();
        await honest.OpenChannel(1);
        await honest.RoundTrip(1);

        Assert.Single(await Task.WhenAll(crowd.Select(HasEnded)), ended => ended);
        await Eventually(() => Diary.Warnings.Any(w => w.Contains("max-handshakes = 10", StringComparison.Ordinal)), "a line in the log");
        foreach (var client in crowd)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Those_who_are_in_take_no_place_at_the_door()
    {
        var endpoint = Plain(await Listen(TenPlaces));
        var clients = new List<WireClient>();
        for (var i = 0; i < 30; i++)
        {
            clients.Add(await (await SocketClient.Connect(endpoint)).Open());
        }

        foreach (var client in clients)
        {
            await client.Close();
            await client.DisposeAsync();
        }
    }

    private static async Task<Socket> From(string address, IPEndPoint to)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(to).WaitAsync(WireClient.Patience);
        return socket;
    }

    /// <summary>Who is still on the way in gets an answer to its goodbye.</summary>
    private static async Task<bool> HasEnded(WireClient client)
    {
        try
        {
            await client.Send(0, new ConnectionClose(Amqp.ReplyCode.Success, "bye", 0, 0));
            return (await client.ReadToEnd()).Count == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
