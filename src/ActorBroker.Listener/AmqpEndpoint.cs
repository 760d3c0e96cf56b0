using System.Net;
using ActorBroker.Listener.Configuration;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace ActorBroker.Listener;

/// <summary>
/// The AMQP endpoint of an actor system's broker, as an Akka extension: it listens as <c>actor-broker.amqp</c> says, once the broker has
/// started. When the system shuts down in good order it accepts no more and tells its clients 320 CONNECTION_FORCED.
/// </summary>
public sealed class AmqpEndpoint : IExtension
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4); // less than a phase of the shutdown

    private readonly Broker _broker;
    private readonly ListenerSettings _settings;
    private AmqpListener? _listener;

    internal AmqpEndpoint(ExtendedActorSystem system)
    {
        _broker = Broker.For(system);
        _settings = ListenerSettings.From(system.Settings.Config);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "actor-broker-amqp", StopAsync);
        // not RegisterOnTermination: what is registered after the store would let WhenTerminated complete before the store is closed
        _ = system.WhenTerminated.ContinueWith(_ => _listener?.DisposeAsync(), TaskScheduler.Default);
        WhenListening = ListenAsync();
    }

    /// <summary>Completes when clients are accepted; fails when an endpoint is in use, or the broker cannot start.</summary>
    public Task WhenListening { get; }

    /// <summary>Where it listens, with real port numbers; empty before <see cref="WhenListening"/>.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>
    /// The endpoint of an actor system, which begins to listen if it does not yet. By configuration:
    /// <c>akka.extensions = ["ActorBroker.Listener.AmqpExtension, ActorBroker.Listener"]</c>.
    /// </summary>
    /// <exception cref="ConfigurationException">A setting is out of range; names the key, the value and what is allowed.</exception>
    public static AmqpEndpoint For(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<AmqpEndpoint, AmqpExtension>();
    }

    private async Task ListenAsync()
    {
        await _broker.WhenStarted.ConfigureAwait(false);
        try
        {
            _listener = await AmqpListener.StartAsync(_broker, _settings).ConfigureAwait(false);
        }
        catch (Exception reason)
        {
            _broker.System.Log.Error(reason, "the broker does not listen: {0}", reason.Message);
            throw;
        }

        Endpoints = _listener.Endpoints;
    }

    private async Task<Done> StopAsync()
    {
        if (_listener is { } listener)
        {
            await listener.StopAsync(_broker, Patience).ConfigureAwait(false);
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        return Done.Instance;
    }
}

/// <summary>The AMQP endpoint for <c>akka.extensions</c>; in code, <see cref="AmqpEndpoint.For"/>.</summary>
public sealed class AmqpExtension : ExtensionIdProvider<AmqpEndpoint>
{
    /// <inheritdoc/>
    public override AmqpEndpoint CreateExtension(ExtendedActorSystem system) => new(system);
}
