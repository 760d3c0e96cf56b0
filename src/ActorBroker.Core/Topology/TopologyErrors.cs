using ActorBroker.Amqp;

namespace ActorBroker.Core.Topology;

/// <summary>
/// What the broker answers when a queue or exchange is not what the client thinks. The texts are RabbitMQ's.
/// </summary>
internal static class TopologyErrors
{
    /// <summary>404: there is no such queue.</summary>
    public static ChannelException NoQueue(string virtualHost, string name) =>
        new(ReplyCode.NotFound, $"no {Queue(virtualHost, name)}");

    /// <summary>404: there is no such exchange.</summary>
    public static ChannelException NoExchange(string virtualHost, string name) =>
        new(ReplyCode.NotFound, $"no {Exchange(virtualHost, name)}");

    /// <summary>404: the client left the name of a queue empty and has declared none on this channel.</summary>
    public static ChannelException NoPreviouslyDeclaredQueue() =>
        new(ReplyCode.NotFound, "no previously declared queue");

    /// <summary>530, closes the connection: there is no such virtual host.</summary>
    public static ConnectionException NoVirtualHost(string virtualHost) =>
        new(ReplyCode.NotAllowed, $"vhost {virtualHost} not found");

    /// <summary>405: the queue is exclusive to another connection, or it is not and was declared as such.</summary>
    public static ChannelException QueueLocked(string virtualHost, string name) => new(
        ReplyCode.ResourceLocked,
        $"cannot obtain exclusive access to locked {Queue(virtualHost, name)}. It could be originally declared on "
        + "another connection or the exclusive property value does not match that of the original declaration.");

    /// <summary>403: there is an exclusive consumer, or the consumer wants to be it and is not the first.</summary>
    public static ChannelException QueueInExclusiveUse(string virtualHost, string name) =>
        new(ReplyCode.AccessRefused, $"{Queue(virtualHost, name)} in exclusive use");

    /// <summary>406: queue.delete (50, 40) with if-unused, and there are consumers.</summary>
    public static ChannelException QueueInUse(string virtualHost, string name) =>
        new(ReplyCode.PreconditionFailed, $"{Queue(virtualHost, name)} in use");

    /// <summary>406: queue.delete (50, 40) with if-empty, and there are messages.</summary>
    public static ChannelException QueueNotEmpty(string virtualHost, string name) =>
        new(ReplyCode.PreconditionFailed, $"{Queue(virtualHost, name)} not empty");

    /// <summary>406: exchange.delete (40, 20) with if-unused, and bindings start at it.</summary>
    public static ChannelException ExchangeInUse(string virtualHost, string name) =>
        new(ReplyCode.PreconditionFailed, $"{Exchange(virtualHost, name)} in use");

    /// <summary>403: basic.publish (60, 40) to an internal exchange.</summary>
    public static ChannelException ExchangeIsInternal(string virtualHost, string name) =>
        new(ReplyCode.AccessRefused, $"cannot publish to internal {Exchange(virtualHost, name)}");

    internal static ChannelException DefaultExchange() =>
        new(ReplyCode.AccessRefused, "operation not permitted on the default exchange");

    internal static ChannelException SystemExchange(string virtualHost, string name) =>
        new(ReplyCode.AccessRefused, $"deletion of system {Exchange(virtualHost, name)} not allowed");

    internal static ChannelException ReservedName(string kind, string name) =>
        new(ReplyCode.AccessRefused, $"{kind} name '{name}' contains reserved prefix 'amq.*'");

    internal static ChannelException UnknownExchangeType(string type) =>
        new(ReplyCode.PreconditionFailed, $"unknown exchange type '{type}'");

    internal static ChannelException InvalidArgumentType(string typeName, string argument, string resource) =>
        new(ReplyCode.PreconditionFailed, $"invalid type '{typeName}' for arg '{argument}' in {resource}");

    internal static ChannelException InvalidName(string argument, string resource, string why) =>
        new(ReplyCode.PreconditionFailed, $"invalid arg '{argument}' for {resource}: {why}");

    internal static ChannelException InvalidProperty(string property, string virtualHost, string queue) =>
        new(ReplyCode.PreconditionFailed, $"invalid property '{property}' for {Queue(virtualHost, queue)}");

    internal static ChannelException MixedDurability(string durable, string transient) => new(
        ReplyCode.PreconditionFailed,
        $"cannot bind durable {durable} and non-durable {transient}: strict-durability-binding is on");

    internal static string Queue(string virtualHost, string name) => $"queue '{name}' in vhost '{virtualHost}'";

    internal static string Exchange(string virtualHost, string name) => $"exchange '{name}' in vhost '{virtualHost}'";
}
