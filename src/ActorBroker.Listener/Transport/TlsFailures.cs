using System.Net;
using ActorBroker.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Writes a line for each TLS handshake that fails. Kestrel tells the reason to its own log only, so that is where it is heard; the address
/// comes from the flow of the handshake.
/// </summary>
internal sealed class TlsFailures(BrokerLog log) : ILoggerProvider, ILogger
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Https.Internal.HttpsConnectionMiddleware";
    private static readonly AsyncLocal<IPEndPoint?> Peer = new();

    /// <summary>Hears what Kestrel says about TLS, and nothing else.</summary>
    public static void ReportTo(ILoggingBuilder logging, BrokerLog log)
    {
        logging.ClearProviders();
        logging.AddProvider(new TlsFailures(log));
        logging.AddFilter((category, _) => category == Category);
    }

    /// <summary>Stands before TLS, and remembers whose handshake it is.</summary>
    public static ConnectionDelegate Watch(ConnectionDelegate next) => connection =>
    {
        Peer.Value = connection.RemoteEndPoint as IPEndPoint;
        return next(connection);
    };

    /// <summary>The handshake is over, and what follows need not carry the address along.</summary>
    public static void IsOver() => Peer.Value = null;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Peer.Value is { } peer && eventId.Name?.StartsWith("Authentication", StringComparison.Ordinal) == true)
        {
            log.TlsFailed(peer, exception?.GetBaseException().Message ?? "it took too long", isPeerGone: exception is IOException);
        }
    }

    public void Dispose()
    {
        // nothing of its own
    }
}
