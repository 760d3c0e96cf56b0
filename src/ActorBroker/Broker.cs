using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ActorBroker.Configuration;
using ActorBroker.Diagnostics;
using ActorBroker.Topology;
using ActorBroker.VirtualHosts;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker;

/// <summary>One broker inside an actor system: its topology, its users, its connections. What everything else is reached by.</summary>
public sealed class Broker
{
    /// <summary>The dispatcher of exchange, queue and consumer actors.</summary>
    public const string HotDispatcher = "actor-broker.hot-dispatcher";

    private readonly ConcurrentDictionary<string, VirtualHost> _virtualHosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<IBrokerConnection, byte> _connections = new(ReferenceEqualityComparer.Instance);
    private long _connectionId;

    private Broker(ActorSystem system, BrokerSettings settings)
    {
        System = system;
        Settings = settings;
        Users = new UserDirectory(settings.Users, settings.LoopbackUsers);
        Log = new BrokerLog(system);
        Alarm = new MemoryWatch(settings.MemoryWatermark, AlarmChanged);
    }

    /// <summary>The actor system it lives in.</summary>
    public ActorSystem System { get; }

    /// <summary>What it was started with.</summary>
    public BrokerSettings Settings { get; }

    /// <summary>Who may log in.</summary>
    public UserDirectory Users { get; }

    /// <summary>Every log line it writes.</summary>
    public BrokerLog Log { get; }

    /// <summary>Holds publishers back when memory is short.</summary>
    public MemoryWatch Alarm { get; }

    /// <summary>The one writer of virtual hosts, exchanges, queues and bindings.</summary>
    public IActorRef Topology { get; private set; } = ActorRefs.Nobody;

    /// <summary>Name of this node.</summary>
    public string NodeName => System.Name;

    /// <summary>Connections that have finished their handshake.</summary>
    public IEnumerable<IBrokerConnection> Connections => _connections.Keys;

    /// <summary>The configuration of an actor system that hosts a broker: <paramref name="own"/> over the broker's defaults.</summary>
    public static Config ConfigOf(Config own) => own.WithFallback(ActorBrokerReference.Config);

    /// <summary>Starts a broker in an actor system whose configuration is from <see cref="ConfigOf"/>; completes when it can be used.</summary>
    /// <param name="system">Where it lives; several brokers live in several systems.</param>
    /// <param name="memory">What the memory alarm looks at; this process when null.</param>
    /// <exception cref="ConfigurationException">A setting is out of range; names the key, the value and what is allowed.</exception>
    public static async Task<Broker> StartAsync(ActorSystem system, IProcessMemory? memory = null)
    {
        var broker = new Broker(system, BrokerSettings.From(system.Settings.Config));
        system.ActorOf(Props.Create(() => new LostMessagesActor()), "lost-messages");
        system.ActorOf(
            Props.Create(() => new MemoryWatchActor(broker.Alarm, broker.Settings.MemoryInterval, broker.Settings.TrimWhenIdle, memory ?? new ThisProcess())),
            "memory-watch");
        var started = new Reply<bool>();
        broker.Topology = system.ActorOf(TopologyActor.Props(broker, started), "topology");
        await started.Task.ConfigureAwait(false);
        return broker;
    }

    /// <summary>The virtual host of that name, or null.</summary>
    public VirtualHost? FindVirtualHost(string name) => _virtualHosts.GetValueOrDefault(name);

    /// <summary>A number for a new connection, unique on this node.</summary>
    public long NextConnectionId() => Interlocked.Increment(ref _connectionId);

    /// <summary>22 characters that nobody can guess: server-named queues, consumer tags, reply addresses.</summary>
    public string RandomName() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Counts a connection in, unless there are too many.</summary>
    public bool TryAddConnection(IBrokerConnection connection, int limit, [NotNullWhen(false)] out string? refusal)
    {
        _connections[connection] = 0;
        refusal = null;
        if (_connections.Count <= limit)
        {
            return true;
        }

        _connections.TryRemove(connection, out _);
        refusal = $"connection limit ({limit}) is reached";
        return false;
    }

    /// <summary>Counts a connection out.</summary>
    public void ConnectionEnded(IBrokerConnection connection) => _connections.TryRemove(connection, out _);

    private void AlarmChanged(bool isOn)
    {
        System.EventStream.Publish(new MemoryAlarm(isOn));
        foreach (var connection in Connections)
        {
            connection.AlarmChanged();
        }
    }

    internal void Add(VirtualHost host) => _virtualHosts[host.Name] = host;
}
