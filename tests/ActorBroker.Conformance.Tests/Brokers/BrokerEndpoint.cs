using System.Globalization;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>The products the suite knows. Where they differ stands in <see cref="Support.Differences"/>.</summary>
public enum BrokerKind
{
    /// <summary>RabbitMQ 3.10.8, the reference.</summary>
    RabbitMQ,

    /// <summary>The broker of this repository.</summary>
    ActorBroker,
}

/// <summary>Where a broker under test accepts AMQP 0-9-1 connections, and which product it is.</summary>
public sealed record BrokerEndpoint(string Host, int Port, BrokerKind Kind)
{
    /// <summary>Reads <c>host:port</c> from an environment variable; null when it is not set.</summary>
    /// <exception cref="FormatException">Set, but not of that form.</exception>
    public static BrokerEndpoint? FromEnvironment(string variable, BrokerKind kind)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port)
            ? new BrokerEndpoint(text[..colon], port, kind)
            : throw new FormatException($"{variable} = '{text}': must be host:port");
    }
}
