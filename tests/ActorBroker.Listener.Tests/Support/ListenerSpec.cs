using System.Collections.Concurrent;
using System.Net;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Connections;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>
/// The real connection code over memory in place of sockets, in front of a real broker. At the end of each test nothing may be left:
/// no running connection, no actor of one, no error in the log.
/// </summary>
public abstract class ListenerSpec(string settings = "") : TestKit(ConfigOf(settings)), IAsyncLifetime
{
    private readonly ConcurrentQueue<ServedClient> _served = new();

    protected static IPEndPoint Loopback { get; } = new(IPAddress.Loopback, 40000);

    protected Broker Broker { get; private set; } = null!;

    protected ListenerSettings Settings { get; private set; } = null!;

    protected LogCollector Diary { get; private set; } = null!;

    /// <summary>Actors of connections that have not ended.</summary>
    protected IEnumerable<string> ConnectionActors =>
        ((ActorRefWithCell)((ExtendedActorSystem)Sys).Guardian).Children.Select(c => c.Path.Name)
            .Where(n => n.StartsWith("amqp-connection-", StringComparison.Ordinal));

    public virtual async Task InitializeAsync()
    {
        Diary = new LogCollector(Sys);
        Broker = await Broker.StartAsync(Sys);
        Settings = ListenerSettings.From(Sys.Settings.Config);
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var client in _served)
        {
            await client.Wire.DisposeAsync();
        }

        await Task.WhenAll(_served.Select(c => c.Run)).WaitAsync(WireClient.Patience);
        await Eventually(() => !ConnectionActors.Any(), () => $"these actors to stop: {string.Join(", ", ConnectionActors)}");
        Assert.Empty(Broker.Connections);
        Assert.True(Diary.Faults.Count == 0, string.Join(Environment.NewLine, Diary.Faults.Take(20)));
    }

    /// <summary>Waits until something is so.</summary>
    protected static Task Eventually(Func<bool> condition, string what) => Eventually(condition, () => what);

    /// <summary>Waits until something is so.</summary>
    protected static async Task Eventually(Func<bool> condition, Func<string> what)
    {
        var until = DateTime.UtcNow + WireClient.Patience;
        while (!condition())
        {
            if (DateTime.UtcNow > until)
            {
                throw new TimeoutException($"waited {WireClient.Patience} for {what()}");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>A client that has said nothing yet.</summary>
    private protected ServedClient Connect(IPEndPoint? peer = null, bool isTracked = true)
    {
        var socket = new MemorySocket();
        var connection = new AmqpConnection(Broker, Settings, socket.BrokerSide, peer ?? Loopback, socket.Abort, socket.Closed);
        var client = new ServedClient(new WireClient(socket.ClientSide), connection, socket, Serve(connection, socket));
        if (isTracked)
        {
            _served.Enqueue(client);
        }

        return client;
    }

    /// <summary>A client that is in.</summary>
    private protected async Task<ServedClient> Open(Handshake? handshake = null, IPEndPoint? peer = null)
    {
        var client = Connect(peer);
        await client.Wire.Open(handshake);
        return client;
    }

    /// <summary>A client with channel 1 open.</summary>
    private protected async Task<ServedClient> OpenChannel(Handshake? handshake = null)
    {
        var client = await Open(handshake);
        await client.Wire.OpenChannel(1);
        return client;
    }

    /// <summary>A new client is served as if nothing had happened.</summary>
    protected async Task OthersAreServed()
    {
        var other = await OpenChannel();
        await other.Wire.RoundTrip(1);
        await other.Wire.Close();
    }

    /// <summary>The connection's actor has handled all that it was sent before, or is gone.</summary>
    private protected static Task ActorIsUpToDate(ServedClient client) =>
        client.Connection.Actor.Ask<ActorIdentity>(new Identify(1), WireClient.Patience);

    private static Config ConfigOf(string settings) => Broker.ConfigOf(ConfigurationFactory.ParseString(settings).WithFallback(
        """
        akka {
          loglevel = INFO
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          test.default-timeout = 30s
        }
        actor-broker.memory.high-watermark = off
        """));

    private static async Task Serve(AmqpConnection connection, MemorySocket socket)
    {
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            socket.BrokerIsDone();
        }
    }
}

/// <summary>Both ends of a connection.</summary>
/// <param name="Wire">The client.</param>
/// <param name="Connection">The broker's end.</param>
/// <param name="Socket">What lies between.</param>
/// <param name="Run">The life of the broker's end.</param>
internal sealed record ServedClient(WireClient Wire, AmqpConnection Connection, MemorySocket Socket, Task Run)
{
    /// <summary>The broker's end is over.</summary>
    public Task Ended() => Run.WaitAsync(WireClient.Patience);
}
