using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>Clients over real sockets.</summary>
public static class SocketClient
{
    /// <summary>A plain client.</summary>
    public static async Task<WireClient> Connect(IPEndPoint endpoint)
    {
        var socket = await ConnectSocket(endpoint);
        return Over(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>A client with TLS that trusts one authority and shows a certificate, if it has one.</summary>
    public static async Task<WireClient> ConnectTls(
        IPEndPoint endpoint, X509Certificate2 trusted, X509Certificate2? own = null, X509Certificate2? intermediate = null)
    {
        var stream = new SslStream(new NetworkStream(await ConnectSocket(endpoint), ownsSocket: true));
        using var deadline = new CancellationTokenSource(WireClient.Patience);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { trusted },
                DisableCertificateDownloads = true,
            },
            ClientCertificateContext = own is null
                ? null
                : SslStreamCertificateContext.Create(own, intermediate is null ? null : [intermediate], offline: true),
        };
        try
        {
            await stream.AuthenticateAsClientAsync(options, deadline.Token);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        return Over(stream);
    }

    public static async Task<Socket> ConnectSocket(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = new CancellationTokenSource(WireClient.Patience);
        await socket.ConnectAsync(endpoint, deadline.Token);
        return socket;
    }

    public static WireClient Over(Stream stream) => new(PipeReader.Create(stream), PipeWriter.Create(stream), stream.Dispose);
}
