using System.Net;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Tests.Support;
using Akka.Configuration;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>A listener on free ports of this machine, as a server has it.</summary>
public abstract class SocketSpec(string settings = "") : ListenerSpec(settings)
{
    private readonly List<AmqpListener> _listeners = [];

    public override async Task DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.StopAsync(Broker, WireClient.Patience);
            await listener.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    /// <summary>Listens with these settings over the spec's own.</summary>
    protected async Task<AmqpListener> Listen(string amqp = "listen = \"127.0.0.1:0\"")
    {
        var config = ConfigurationFactory.ParseString($"actor-broker.amqp {{ {amqp} }}").WithFallback(Sys.Settings.Config);
        var listener = await AmqpListener.StartAsync(Broker, ListenerSettings.From(config));
        _listeners.Add(listener);
        return listener;
    }

    protected static IPEndPoint Plain(AmqpListener listener) => listener.Endpoints[0];
}
