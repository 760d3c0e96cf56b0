using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ActorBroker.Addresses;
using ActorBroker.Client;
using ActorBroker.Configuration;
using ActorBroker.Core.Security;
using ActorBroker.Diagnostics;
using ActorBroker.Publishing;
using ActorBroker.QueueGroups;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker;

/// <summary>One broker inside an actor system: its topology, its users, its connections. What everything else is reached by.</summary>
public sealed partial class Broker : IExtension
{
    private readonly ConcurrentDictionary<string, VirtualHost> _virtualHosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<IBrokerConnection, byte> _connections = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<BrokerClient, byte> _clients = new(ReferenceEqualityComparer.Instance);
    private readonly Reply<bool> _started = new();
    private TaskCompletionSource? _allGone; // set while somebody waits for the end of all connections
    private long _connectionId;
    private int _recoveredQueues;
    private QueueGroupSet? _groups;

    private Broker(ActorSystem system, BrokerSettings settings)
    {
        System = system;
        Client = new BrokerClient(this, "/");
        Settings = settings;
        Users = new UserDirectory(settings.Users, settings.LoopbackUsers);
        Log = new BrokerLog(system);
        Alarms = new PublisherAlarms(AlarmChanged);
        Memory = new MemoryWatch(settings.MemoryWatermark, Alarms);
        Shares = new MemoryShares(Math.Min(settings.MemoryWatermark, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        Resident = new ResidentMemory(settings.QueueMemory, settings.AllQueuesMemory);
    }

    /// <summary>Completes when it can be used; fails with the reason why it cannot.</summary>
    public Task WhenStarted => _started.Task;

    /// <summary>What has failed for good, so that the broker must be restarted; null when all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>The broker for this process, in virtual host <c>/</c>; open as long as the broker is.</summary>
    public IBroker Client { get; }

    /// <summary>The actor system it lives in.</summary>
    public ActorSystem System { get; }

    /// <summary>What it was started with.</summary>
    internal BrokerSettings Settings { get; }

    /// <summary>Who may log in.</summary>
    internal UserDirectory Users { get; }

    /// <summary>Every log line it writes.</summary>
    internal BrokerLog Log { get; }

    /// <summary>Refused logins of late; every listener locks it.</summary>
    internal RefusedLogins RefusedLogins { get; } = new();

    /// <summary>What holds publishers back.</summary>
    public PublisherAlarms Alarms { get; }

    /// <summary>Raises one of them when memory is short.</summary>
    internal MemoryWatch Memory { get; }

    /// <summary>What its connections hold together.</summary>
    internal MemoryShares Shares { get; }

    /// <summary>Memory of waiting messages that are in a log as well.</summary>
    internal ResidentMemory Resident { get; }

    /// <summary>The one writer of virtual hosts, exchanges, queues and bindings.</summary>
    internal IActorRef Topology { get; private set; } = ActorRefs.Nobody;

    /// <summary>True when durable facts are written to a store; false when all is in memory only.</summary>
    public bool HasStore { get; private set; }

    /// <summary>How many logs hold the queues of the store. What the store was created with counts, once the topology has been read.</summary>
    internal int QueueGroups { get; set; } = 8;

    /// <summary>Durable queues that an earlier life has left.</summary>
    internal int RecoveredQueues => Volatile.Read(ref _recoveredQueues);

    /// <summary>A durable queue is open; counts until the start is over.</summary>
    internal void QueueOpened()
    {
        if (!WhenStarted.IsCompleted)
        {
            Interlocked.Increment(ref _recoveredQueues);
        }
    }

    /// <summary>Name of this node.</summary>
    public string NodeName => System.Name;

    /// <summary>Connections that have finished their handshake.</summary>
    internal IEnumerable<IBrokerConnection> Connections => _connections.Keys;

    /// <summary>The virtual host of that name, or null.</summary>
    internal VirtualHost? FindVirtualHost(string name) => _virtualHosts.GetValueOrDefault(name);

    /// <summary>All virtual hosts.</summary>
    internal IEnumerable<VirtualHost> VirtualHosts => _virtualHosts.Values;

    /// <summary>It takes nothing more.</summary>
    internal bool IsStopped => Volatile.Read(ref _isStopped);

    /// <summary>The broker for this process, in a virtual host: with exclusive queues of its own, until it is disposed.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public IBrokerSession Open(string virtualHost)
    {
        ArgumentException.ThrowIfNullOrEmpty(virtualHost);
        return new BrokerSession(this, virtualHost);
    }

    /// <summary>A number for a new connection, unique on this node.</summary>
    internal long NextConnectionId() => Interlocked.Increment(ref _connectionId);

    /// <summary>22 characters that nobody can guess: server-named queues, consumer tags, reply addresses.</summary>
    internal string RandomName() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Counts a connection in, unless there are too many.</summary>
    internal bool TryAddConnection(IBrokerConnection connection, int limit, [NotNullWhen(false)] out string? refusal)
    {
        _connections[connection] = 0;
        refusal = null;
        if (_connections.Count <= limit && !IsStopped)
        {
            return true;
        }

        ConnectionEnded(connection);
        refusal = IsStopped ? "the broker has been shut down" : $"connection limit ({limit}) is reached";
        return false;
    }

    /// <summary>Counts a connection out.</summary>
    internal void ConnectionEnded(IBrokerConnection connection)
    {
        _connections.TryRemove(connection, out _);
        if (_connections.IsEmpty)
        {
            Volatile.Read(ref _allGone)?.TrySetResult();
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

    private IEnumerable<IActorRef> Groups => _groups?.All ?? [];

    internal void CloseForced(Func<IBrokerConnection, bool> which, string reason)
    {
        foreach (var connection in Connections.Where(which))
        {
            connection.CloseForced(reason);
        }
    }
}
