using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Connections;
using ActorBroker.Listener.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorBroker.Listener;

/// <summary>Lets AMQP clients in: Kestrel accepts, takes TLS off and hands each socket to an <see cref="AmqpConnection"/>.</summary>
public sealed class AmqpListener : IAsyncDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly WebApplication _host;

    private AmqpListener(WebApplication host) => _host = host;

    /// <summary>Where it listens, with real port numbers.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => [.. _host.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).Select(u => new IPEndPoint(IPAddress.Parse(u.Host.Trim('[', ']')), u.Port))];

    /// <summary>Starts to listen; when this completes, clients are accepted.</summary>
    /// <exception cref="IOException">An endpoint is in use.</exception>
    public static async Task<AmqpListener> StartAsync(Broker broker, ListenerSettings settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, broker, settings));
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        var door = new Doorkeeper(broker, settings.Door, Descriptors.ForSockets(), new HeapRoom(broker.System).IsShort);
        builder.Services.AddSingleton<IConnectionListenerFactory>(new SocketTransport(door));
        TlsFailures.ReportTo(builder.Logging, broker.Log);
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new AmqpListener(host);
    }

    /// <summary>Accepts no more, tells every client 320 CONNECTION_FORCED, and waits until they are gone or the time is up.</summary>
    public async Task StopAsync(Broker broker, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var stopping = _host.StopAsync(limit.Token);
        foreach (var connection in broker.Connections)
        {
            connection.CloseForced("broker forced connection closure with reason 'shutdown'");
        }

        await stopping.ConfigureAwait(false);
    }

    /// <summary>Ends as a process ends that is killed: clients hear nothing but the end of their sockets.</summary>
    internal async Task AbortAsync()
    {
        try
        {
            await _host.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // that is what was asked for
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static void Configure(KestrelServerOptions kestrel, Broker broker, ListenerSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxResponseBufferSize = Outbox.CongestedAt;
        foreach (var endpoint in settings.Listen)
        {
            kestrel.Listen(endpoint.Address, endpoint.Port, listen =>
            {
                listen.Protocols = HttpProtocols.None;
                if (endpoint.Tls)
                {
                    listen.Use(TlsFailures.Watch);
                    listen.UseHttps(Tls(settings.Tls!, settings.HandshakeTimeout));
                }

                listen.Run(socket => Serve(socket, broker, settings));
            });
        }
    }

    private static Task Serve(ConnectionContext socket, Broker broker, ListenerSettings settings)
    {
        TlsFailures.IsOver();
        return new AmqpConnection(
            broker,
            settings,
            socket.Transport,
            socket.RemoteEndPoint as IPEndPoint,
            socket.Abort,
            socket.ConnectionClosed,
            SocketConnection.Below(socket) is { } below ? below.IsIn : null,
            settings.Tls?.LoginFrom.UserName(socket.Features.Get<ITlsConnectionFeature>()?.ClientCertificate))
        {
            Watch = socket.Features.Get<IPeerWatch>(),
        }.RunAsync();
    }

    private static HttpsConnectionAdapterOptions Tls(TlsSettings tls, TimeSpan handshakeTimeout)
    {
        var (certificate, chain) = TlsFiles.ServerCertificate(tls);
        var authorities = TlsFiles.ClientAuthorities(tls);
        var options = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificate,
            ServerCertificateChain = chain,
            HandshakeTimeout = handshakeTimeout,
        };
        if (authorities.Count == 0)
        {
            return options;
        }

        options.ClientCertificateMode = tls.RequireClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        options.ClientCertificateValidation = (client, sent, _) =>
        {
            using var path = new X509Chain();
            path.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
            path.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            path.ChainPolicy.CustomTrustStore.AddRange(authorities);
            path.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            path.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication); // the certificate of a server names no user
            return path.Build(client);
        };
        return options;
    }

    /// <summary>The listener is started and stopped by its owner and touches no signal of the process.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
