using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ActorBroker.Client;
using ActorBroker.Configuration;
using ActorBroker.Core.Topology;
using ActorBroker.Diagnostics;
using ActorBroker.Journal;
using ActorBroker.QueueGroups;
using ActorBroker.Queues;
using ActorBroker.Stores;
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
    private readonly Reply<bool> _started = new();
    private long _connectionId;
    private QueueGroupSet? _groups;

    private Broker(ActorSystem system, BrokerSettings settings)
    {
        System = system;
        Client = new BrokerClient(this, "/");
        Settings = settings;
        HasStore = system.Settings.Config.HasPath(StorePlugins.Journal);
        QueueGroups = BrokerSystem.StoreOf(system)?.QueueGroups ?? 8;
        Users = new UserDirectory(settings.Users, settings.LoopbackUsers);
        Log = new BrokerLog(system);
        Alarms = new PublisherAlarms(AlarmChanged);
        Memory = new MemoryWatch(settings.MemoryWatermark, Alarms);
        Resident = new ResidentMemory(settings.QueueMemory, settings.AllQueuesMemory);
    }

    /// <summary>Completes when it can be used; fails with the reason why it cannot.</summary>
    public Task WhenStarted => _started.Task;

    /// <summary>The broker for this process, in virtual host <c>/</c>; open as long as the broker is.</summary>
    public IBroker Client { get; }

    /// <summary>The actor system it lives in.</summary>
    public ActorSystem System { get; }

    /// <summary>What it was started with.</summary>
    public BrokerSettings Settings { get; }

    /// <summary>Who may log in.</summary>
    public UserDirectory Users { get; }

    /// <summary>Every log line it writes.</summary>
    public BrokerLog Log { get; }

    /// <summary>What holds publishers back.</summary>
    public PublisherAlarms Alarms { get; }

    /// <summary>Raises one of them when memory is short.</summary>
    public MemoryWatch Memory { get; }

    /// <summary>Memory of waiting messages that are in a log as well.</summary>
    public ResidentMemory Resident { get; }

    /// <summary>The one writer of virtual hosts, exchanges, queues and bindings.</summary>
    public IActorRef Topology { get; private set; } = ActorRefs.Nobody;

    /// <summary>True when durable facts are written to a store; false when all is in memory only.</summary>
    public bool HasStore { get; }

    /// <summary>How many logs hold the queues of the store. What the store was created with counts, once the topology has been read.</summary>
    public int QueueGroups { get; internal set; }

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
    /// <exception cref="IOException">The store cannot be read, or holds what this version does not know.</exception>
    public static async Task<Broker> StartAsync(ActorSystem system, IProcessMemory? memory = null)
    {
        var broker = new Broker(system, BrokerSettings.From(system.Settings.Config));
        system.ActorOf(Props.Create(() => new LostMessagesActor()), "lost-messages");
        system.ActorOf(
            Props.Create(() => new MemoryWatchActor(broker.Memory, broker.Settings.MemoryInterval, broker.Settings.TrimWhenIdle, memory ?? new ThisProcess())),
            "memory-watch");
        broker.StartQueueGroups();
        broker.Topology = system.ActorOf(TopologyActor.Props(broker, broker._started), "topology");
        await broker._started.Task.ConfigureAwait(false);
        foreach (var group in broker.Groups)
        {
            group.Tell(GroupProtocol.AllOpened.Instance);
        }

        return broker;
    }

    /// <summary>
    /// Writes what is still to be written, when all connections are closed. A broker that is not stopped like this loses nothing that
    /// was confirmed; it only cannot tell which messages were handed out before.
    /// </summary>
    /// <param name="patience">How long to wait for the store.</param>
    /// <returns>False when the store did not take everything in that time.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        var stops = Groups.Select(group =>
        {
            var reply = new Reply<bool>();
            group.Tell(new GroupProtocol.Stop(reply));
            return reply.Task;
        }).ToArray();
        try
        {
            return (await Task.WhenAll(stops).WaitAsync(patience).ConfigureAwait(false)).All(wrote => wrote);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The virtual host of that name, or null.</summary>
    public VirtualHost? FindVirtualHost(string name) => _virtualHosts.GetValueOrDefault(name);

    /// <summary>All virtual hosts.</summary>
    public IEnumerable<VirtualHost> VirtualHosts => _virtualHosts.Values;

    /// <summary>The broker for this process, in a virtual host: with exclusive queues of its own, until it is disposed.</summary>
    public IBroker Open(string virtualHost) => new BrokerClient(this, virtualHost);

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

    private void StartQueueGroups()
    {
        if (BrokerSystem.StoreOf(System) is { } store)
        {
            if (store.Settings.Kind != StoreKind.Memory)
            {
                System.ActorOf(Props.Create(() => new StoreShrinkActor(store)), "store-shrink");
            }

            QueueGroups = store.QueueGroups;
            _groups = new QueueGroupSet(this, QueueGroups);
        }
    }

    private void AlarmChanged()
    {
        System.EventStream.Publish(new PublisherAlarm(Alarms.IsOn, Alarms.Reason));
        foreach (var connection in Connections)
        {
            connection.AlarmChanged();
        }
    }

    /// <summary>The broker cannot start; <see cref="StartAsync"/> throws.</summary>
    internal void StartFailed(Exception reason) => _started.Fail(new IOException(reason.Message, reason));

    /// <summary>Who keeps the log of a queue; null when nobody does.</summary>
    internal IActorRef? GroupOf(QueueDefinition queue) => queue.Durable ? _groups?.Of(queue) : null;

    private IEnumerable<IActorRef> Groups => _groups?.All ?? [];

    internal void Add(VirtualHost host) => _virtualHosts[host.Name] = host;

    internal void Remove(VirtualHost host) => _virtualHosts.TryRemove(new(host.Name, host));

    internal void CloseForced(Func<IBrokerConnection, bool> which, string reason)
    {
        foreach (var connection in Connections.Where(which))
        {
            connection.CloseForced(reason);
        }
    }
}
