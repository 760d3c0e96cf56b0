using System.Net;
using Akka.Configuration;

namespace ActorBroker.Listener.Configuration;

/// <summary>Where to listen.</summary>
/// <param name="Address">An address of this machine; any for all of them.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Tls">AMQPS: TLS from the first byte.</param>
public sealed record Endpoint(IPAddress Address, int Port, bool Tls)
{
    /// <summary>Reads <c>HOST:PORT</c>, <c>[IPv6]:PORT</c>, <c>*:PORT</c>, each also with <c>amqp://</c> or <c>amqps://</c> before it.</summary>
    /// <param name="text">The value.</param>
    /// <param name="key">The setting it came from, for the error.</param>
    /// <exception cref="ConfigurationException">Names key, value and what is allowed.</exception>
    public static Endpoint Parse(string text, string key)
    {
        var tls = text.StartsWith("amqps://", StringComparison.Ordinal);
        var bare = text.Replace(tls ? "amqps://" : "amqp://", "", StringComparison.Ordinal);
        var colon = bare.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(bare[(colon + 1)..], out var port))
        {
            var host = bare[..colon].Trim('[', ']');
            if (host is "*")
            {
                return new Endpoint(IPAddress.IPv6Any, port, tls);
            }

            if (host is "localhost")
            {
                return new Endpoint(IPAddress.Loopback, port, tls);
            }

            if (IPAddress.TryParse(host, out var address))
            {
                return new Endpoint(address, port, tls);
            }
        }

        throw new ConfigurationException(
            $"{key} = {text}: must be HOST:PORT, with HOST an IP address, localhost or * and PORT 0 to 65535; amqps://HOST:PORT for TLS");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Tls ? "amqps" : "amqp")}://{new IPEndPoint(Address, Port)}";
}
