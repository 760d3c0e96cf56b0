using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Publishing;

/// <summary>An exchange that a publisher may publish to, as of the check that it passed.</summary>
/// <param name="exchange">The exchange.</param>
/// <param name="directory">Where it was found.</param>
/// <param name="access">Whose rights were asked; null for the process itself, which needs none.</param>
/// <param name="rightsVersion">The directory's, before they were asked.</param>
internal sealed class OpenExchange(ExchangeAddress exchange, IExchangeDirectory directory, AccessControl? access, long rightsVersion)
{
    // What the user may do with its topics; null when any routing key will do.
    private readonly TopicPermissions? _topics = exchange.Type == ExchangeType.Topic ? access?.TopicsOf(exchange.Name) : null;

    /// <summary>The exchange.</summary>
    public ExchangeAddress Exchange { get; } = exchange;

    /// <summary>Whose rights were asked; null for the process itself.</summary>
    public AccessControl? Access { get; } = access;

    /// <summary>True when each routing key has to be asked for.</summary>
    public bool LimitsTopics => _topics is not null;

    /// <summary>The check still counts for that publisher: the exchange is there, and nobody's rights have changed.</summary>
    public bool IsOpenTo(AccessControl? access, IExchangeDirectory directory) =>
        !Exchange.HasLeft && WasFoundIn(directory) && ReferenceEquals(access, Access) && directory.RightsVersion == rightsVersion;

    /// <summary>The exchange was found there; a virtual host that is removed and added again is another one.</summary>
    public bool WasFoundIn(IExchangeDirectory other) => ReferenceEquals(other, directory);

    /// <summary>May a message have this routing key, or this further one?</summary>
    /// <exception cref="ChannelException">403.</exception>
    public void CheckTopic(ReadOnlySpan<byte> routingKey)
    {
        if (_topics is not null)
        {
            Access!.CheckTopicPublish(_topics, Exchange.Name, routingKey);
        }
    }
}
