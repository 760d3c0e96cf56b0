using System.Net;
using ActorBroker.Configuration;
using ActorBroker.Listener;

namespace ActorBroker;

/// <summary>Lets AMQP clients in to an embedded broker.</summary>
public static class AmqpListenerExtensions
{
    /// <summary>Listens on a port of this machine's loopback address.</summary>
    /// <param name="options">The broker's options.</param>
    /// <param name="port">1 to 65535, or 0 for a free one, which <see cref="AmqpEndpoint.Endpoints"/> tells.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is none.</exception>
    public static ActorBrokerOptions ListenAmqp(this ActorBrokerOptions options, int port = 5672)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return options.ListenAmqp($"127.0.0.1:{port}");
    }

    /// <summary>Listens on these endpoints.</summary>
    /// <param name="options">The broker's options.</param>
    /// <param name="endpoints"><c>HOST:PORT</c> with an IP address, <c>localhost</c>, or <c>*</c> for all addresses; <c>amqps://HOST:PORT</c> for TLS.</param>
    public static ActorBrokerOptions ListenAmqp(this ActorBrokerOptions options, params string[] endpoints)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(endpoints);
        foreach (var endpoint in endpoints)
        {
            ArgumentException.ThrowIfNullOrEmpty(endpoint, nameof(endpoints));
        }

        options.Configure($"{BrokerSettings.Path}.amqp.listen = [{string.Join(", ", endpoints.Select(Hocon.Quoted))}]");
        options.Endpoints.Add(static system => AmqpEndpoint.For(system).WhenListening);
        return options;
    }
}
