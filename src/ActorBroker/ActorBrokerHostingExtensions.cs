using ActorBroker.Amqp;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorBroker;

/// <summary>Adds a broker to an application that is built with Microsoft.Extensions.Hosting and Akka.Hosting.</summary>
public static class ActorBrokerHostingExtensions
{
    /// <summary>
    /// Runs a broker in this actor system. The host has started when the broker serves, and its start fails when the broker cannot; when
    /// the host stops, clients are told and the broker writes what is still to be written.
    /// </summary>
    /// <exception cref="ConfigurationException">At start: a setting is out of range; names the key, the value and what is allowed.</exception>
    /// <exception cref="IOException">At start: the store cannot be used, or an endpoint is in use.</exception>
    /// <exception cref="AmqpException">At start: the declared topology differs from what the store holds (406).</exception>
    public static AkkaConfigurationBuilder WithActorBroker(this AkkaConfigurationBuilder akka, Action<ActorBrokerOptions>? configure = null)
    {
        var options = new ActorBrokerOptions();
        configure?.Invoke(options);
        return akka.WithActorBroker(options);
    }

    /// <inheritdoc cref="WithActorBroker(AkkaConfigurationBuilder, Action{ActorBrokerOptions})"/>
    public static AkkaConfigurationBuilder WithActorBroker(this AkkaConfigurationBuilder akka, ActorBrokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(akka);
        ArgumentNullException.ThrowIfNull(options);
        return akka.AddHocon(options.ToHocon(), HoconAddMode.Prepend).AddStartup((system, _) => Start(system, options));
    }

    /// <summary>A broker in an actor system of its own, for applications without Akka; and what <see cref="AddBrokerClient"/> adds.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Store, topology, endpoints.</param>
    /// <param name="name">Name of the actor system and of the node: letters, digits and hyphens.</param>
    public static IServiceCollection AddActorBroker(
        this IServiceCollection services, Action<ActorBrokerOptions>? configure = null, string name = "actorbroker") =>
        services.AddAkka(name, akka => akka.WithActorBroker(configure)).AddBrokerClient();

    /// <summary>Makes <see cref="Broker"/> and <see cref="IBroker"/> services: those of the application's actor system.</summary>
    public static IServiceCollection AddBrokerClient(this IServiceCollection services) => services
        .AddSingleton(provider => Broker.For(provider.GetRequiredService<ActorSystem>()))
        .AddSingleton(provider => provider.GetRequiredService<Broker>().Client);

    /// <summary>
    /// A health check: unhealthy while the broker has not started, or when a part of it has failed for good; degraded while publishers are
    /// held back, with the reason. Needs <see cref="AddBrokerClient"/>.
    /// </summary>
    /// <param name="checks">The application's checks.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="failureStatus">Reported instead of unhealthy; unhealthy when null.</param>
    /// <param name="tags">To choose checks by; <c>ready</c> and <c>live</c> when null.</param>
    /// <param name="timeout">How long the check may take; it answers at once.</param>
    public static IHealthChecksBuilder AddActorBroker(
        this IHealthChecksBuilder checks,
        string name = "actor-broker",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null) =>
        checks.Add(new HealthCheckRegistration(
            name, provider => new BrokerHealthCheck(provider.GetRequiredService<Broker>()), failureStatus, tags ?? ["ready", "live"], timeout));

    private static async Task Start(ActorSystem system, ActorBrokerOptions options)
    {
        var broker = await Broker.StartAsync(system).ConfigureAwait(false);
        await options.Topology.DeclareAsync(broker).ConfigureAwait(false);
        foreach (var endpoint in options.Endpoints)
        {
            await endpoint(system).ConfigureAwait(false);
        }
    }
}
