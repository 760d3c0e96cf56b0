using ActorBroker.Amqp;

namespace ActorBroker.Core.Security;

/// <summary>What the broker answers to those who may not. The texts are RabbitMQ's.</summary>
internal static class AccessErrors
{
    /// <summary>403, closes the connection: wrong name, password or place; it does not tell which.</summary>
    /// <param name="mechanism">The SASL mechanism, for example PLAIN.</param>
    public static ConnectionException LoginRefused(string mechanism) => new(
        ReplyCode.AccessRefused,
        $"Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.");

    /// <summary>530, closes the connection: the user has no permissions in that virtual host.</summary>
    public static ConnectionException VirtualHostRefused(string virtualHost, string user) =>
        new(ReplyCode.NotAllowed, $"access to vhost '{virtualHost}' refused for user '{user}'");

    /// <summary>403: the user lacks a right on a queue.</summary>
    public static ChannelException QueueRefused(string virtualHost, string queue, string user) =>
        new(ReplyCode.AccessRefused, $"access to queue '{queue}' in vhost '{virtualHost}' refused for user '{user}'");

    /// <summary>403: the user lacks a right on a topic.</summary>
    public static ChannelException TopicRefused(string virtualHost, string exchange, string topic, string user) => new(
        ReplyCode.AccessRefused, $"access to topic '{topic}' in exchange '{exchange}' in vhost '{virtualHost}' refused for user '{user}'");

    /// <summary>403: the user lacks a right on an exchange.</summary>
    public static ChannelException ExchangeRefused(string virtualHost, string exchange, string user) => new(
        ReplyCode.AccessRefused, $"access to exchange '{exchange}' in vhost '{virtualHost}' refused for user '{user}'");
}
