using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Configuration;

namespace ActorBroker.Listener.Configuration;

/// <summary>Where to listen.</summary>
/// <param name="Address">An address of this machine; any for all of them.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Tls">AMQPS: TLS from the first byte.</param>
public sealed record Endpoint(IPAddress Address, int Port, bool Tls)
{
    private const string Scheme = "amqp://";
    private const string TlsScheme = "amqps://";

    /// <summary>Reads <c>HOST:PORT</c>, <c>[IPv6]:PORT</c>, <c>*:PORT</c>, each also with <c>amqp://</c> or <c>amqps://</c> before it.</summary>
    /// <param name="text">The value.</param>
    /// <param name="key">The setting it came from, for the error.</param>
    /// <exception cref="ConfigurationException">Names key, value and what is allowed.</exception>
    public static Endpoint Parse(string text, string key)
    {
        var tls = text.StartsWith(TlsScheme, StringComparison.Ordinal);
        var bare = tls ? text[TlsScheme.Length..] : text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text;
        var colon = bare.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(bare[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && AddressOf(bare[..colon]) is { } address)
        {
            return new Endpoint(address, port, tls);
        }

        throw new ConfigurationException(
            $"{key} = {text}: must be HOST:PORT, with HOST an IP address, localhost or * and PORT 0 to 65535; amqps://HOST:PORT for TLS");
    }

    private static IPAddress? AddressOf(string host) => host switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        ['[', .. var v6, ']'] => IPAddress.TryParse(v6, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null,
        _ => IPAddress.TryParse(host, out var address) && address.ToString() == host ? address : null, // "1" would be 0.0.0.1
    };

    /// <inheritdoc/>
    public override string ToString() => $"{(Tls ? "amqps" : "amqp")}://{new IPEndPoint(Address, Port)}";
}
