using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace ActorBroker.Hosting.Tests;

/// <summary>Applications with a broker inside.</summary>
internal static class Hosts
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>An application whose actor system hosts a broker; it has not started.</summary>
    public static IHost Build(Action<ActorBrokerOptions>? configure = null, string name = "shop")
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(name, akka => akka
            .AddHocon("akka.loglevel = WARNING, akka.stdout-loglevel = OFF", HoconAddMode.Prepend)
            .WithActorBroker(configure)).AddBrokerClient();
        return builder.Build();
    }

    /// <summary>The same, started.</summary>
    public static async Task<IHost> Start(Action<ActorBrokerOptions>? configure = null, string name = "shop")
    {
        var host = Build(configure, name);
        await host.StartAsync().WaitAsync(Patience);
        return host;
    }

    /// <summary>A stock client.</summary>
    public static Task<IConnection> Connect(int port, string user = "guest", string password = "guest", string virtualHost = "/") => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = port,
        UserName = user,
        Password = password,
        VirtualHost = virtualHost,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync();
}
