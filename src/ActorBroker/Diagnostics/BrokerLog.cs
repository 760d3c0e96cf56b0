using ActorBroker.Amqp;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Diagnostics;

/// <summary>What the broker says about connections, in one place.</summary>
internal sealed class BrokerLog(ActorSystem system)
{
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "actor-broker");

    /// <summary>A client has finished its handshake.</summary>
    public void ConnectionOpened(object connection, string user, string virtualHost, string name) =>
        _log.Info("{0}: user '{1}' entered vhost '{2}' as '{3}'", connection, user, virtualHost, name);

    /// <summary>A client is gone without saying so.</summary>
    public void ConnectionLost(object connection, string why) => _log.Info("{0} was lost: {1}", connection, why);

    /// <summary>A fault of ours ended a connection.</summary>
    public void ConnectionFailed(object connection, Exception fault) => _log.Error(fault, "{0} failed and was closed", connection);

    /// <summary>A client did what it may not; a channel or its connection is closed.</summary>
    public void Refused(object connection, ushort channel, AmqpException refusal) =>
        _log.Info("{0}, channel {1}: {2}", connection, channel, refusal.ReplyText);
}
