using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Types;
using ActorBroker.Configuration;
using ActorBroker.Listener.Connections;
using Akka.Configuration;

namespace ActorBroker.Listener.Configuration;

/// <summary>Limits that the protocol sets.</summary>
internal static class ListenerLimits
{
    /// <summary>The smallest frame_max that AMQP 0-9-1 allows, in bytes.</summary>
    public const uint FrameMin = 4096;

    /// <summary>Largest frame in bytes until the client has agreed to another: 4 KiB and what is around it, as in RabbitMQ.</summary>
    public const uint HandshakeFrameMax = FrameMin + FrameReader.Overhead;
}

/// <summary>The <c>actor-broker.amqp</c> block. What each value means is said once, in <c>hocon/reference.conf</c>.</summary>
public sealed record ListenerSettings(
    IReadOnlyList<Endpoint> Listen,
    TlsSettings? Tls,
    ushort ChannelMax,
    uint FrameMax,
    TimeSpan Heartbeat,
    TimeSpan HandshakeTimeout,
    int MaxConnections,
    int MaxMessageSize,
    long MaxInFlight,
    bool ClientFlow,
    bool RecoverWithoutRequeue,
    string Product,
    string Version,
    string ClusterName)
{
    /// <summary>Where these settings live.</summary>
    public const string Path = "actor-broker.amqp";

    private FieldTable? _serverProperties;

    /// <summary>False: nobody minds how long a client is silent. For tests, whose clients live in another time.</summary>
    internal bool WatchesHeartbeats { get; init; } = true;

    /// <summary>Rules for those that have not logged in.</summary>
    internal DoorSettings Door { get; init; } = DoorSettings.Default;

    /// <summary>Sees every frame; null for none.</summary>
    internal IFrameGate? Gate { get; init; }

    /// <summary>Reads the block and checks every range.</summary>
    /// <exception cref="ConfigurationException">Names the full path, the value, and what is allowed.</exception>
    public static ListenerSettings From(Config root)
    {
        var block = new SettingsBlock(root, Path);
        var tls = TlsSettings.From(root);
        return new ListenerSettings(
            Endpoints(block, tls),
            tls,
            (ushort)block.Int("channel-max", 1, ushort.MaxValue),
            (uint)block.Bytes("frame-max", ListenerLimits.FrameMin, 16 << 20),
            block.Duration("heartbeat", TimeSpan.Zero, TimeSpan.FromSeconds(ushort.MaxValue)),
            block.Duration("handshake-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            block.Int("max-connections", 1, int.MaxValue, off: int.MaxValue),
            (int)block.Bytes("max-message-size", 1024, 512 << 20),
            block.Bytes("max-in-flight", 64 << 10, 1L << 32),
            block.Bool("client-flow"),
            block.Bool("recover-without-requeue"),
            block.String("product"),
            block.String("version"),
            block.String("cluster-name"))
        {
            Door = DoorSettings.From(block),
        };
    }

    private static Endpoint[] Endpoints(SettingsBlock block, TlsSettings? tls)
    {
        Endpoint[] endpoints = [.. block.Strings("listen").Select(text => Endpoint.Parse(text, $"{Path}.listen"))];
        if (endpoints.Length == 0)
        {
            throw new ConfigurationException($"{Path}.listen is empty: name at least one endpoint");
        }

        return tls is null && endpoints.FirstOrDefault(e => e.Tls) is { } encrypted
            ? throw new ConfigurationException($"{Path}.listen = {encrypted}: needs {TlsSettings.Path}.certificate")
            : endpoints;
    }

    /// <summary>What connection.start tells clients; they parse version and ask for capabilities.</summary>
    internal FieldTable ServerProperties(Broker broker) => _serverProperties ??= new FieldTable(
    [
        new("capabilities", new FieldTable(
        [
            new("publisher_confirms", true),
            new("exchange_exchange_bindings", true),
            new("basic.nack", true),
            new("consumer_cancel_notify", true),
            new("connection.blocked", true),
            new("consumer_priorities", true),
            new("authentication_failure_close", true),
            new("per_consumer_qos", true),
            new("direct_reply_to", true),
        ])),
        new("cluster_name", ClusterName.Length > 0 ? ClusterName : $"actorbroker@{broker.NodeName}"),
        new("copyright", "Copyright (c) the ActorBroker authors"),
        new("information", "An AMQP 0-9-1 broker made of Akka.NET actors"),
        new("platform", $".NET {Environment.Version}"),
        new("product", Product),
        new("version", Version),
    ]);
}
