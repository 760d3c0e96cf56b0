using ActorBroker.Configuration;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker;

/// <summary>
/// What an application sets in code; what it does not set is as in its HOCON, or in the broker's <c>reference.conf</c>. By default nothing
/// survives a restart, and only this process uses the broker.
/// </summary>
public sealed class ActorBrokerOptions
{
    private readonly List<string> _settings = [];

    /// <summary>Virtual hosts, exchanges, queues and bindings that the broker has when it has started; equal ones may be there already.</summary>
    public BrokerTopology Topology { get; } = new();

    /// <summary>Started after the topology; each completes when it serves.</summary>
    internal List<Func<ActorSystem, Task>> Endpoints { get; } = [];

    /// <summary>Durable things live in one SQLite file in this directory, which is created when it is missing. One broker at a time uses it.</summary>
    public ActorBrokerOptions UseSqlite(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return Configure($"{StoreSettings.Path}.kind = sqlite\n{BrokerSettings.Path}.data-dir = {Hocon.Quoted(directory)}");
    }

    /// <summary>Durable things live in a PostgreSQL database.</summary>
    /// <param name="connectionString">Such as <c>Host=localhost;Database=broker;Username=broker;Password=secret</c>.</param>
    /// <param name="schema">Of the tables, created when it is missing: each broker in a database has its own. 1 to 63 lower-case letters, digits and underscores.</param>
    public ActorBrokerOptions UsePostgres(string connectionString, string schema = "actorbroker")
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        ArgumentException.ThrowIfNullOrEmpty(schema);
        return Configure(
            $"{StoreSettings.Path} {{ kind = postgresql, connection-string = {Hocon.Quoted(connectionString)}, schema = {Hocon.Quoted(schema)} }}");
    }

    /// <summary>Durable things live in a database in memory, and are gone with the process: for tests.</summary>
    /// <param name="name">Brokers of this process with the same name see the same database; empty for one of its own.</param>
    public ActorBrokerOptions UseMemory(string name = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        return Configure($"{StoreSettings.Path} {{ kind = memory, memory-name = {Hocon.Quoted(name)} }}");
    }

    /// <summary>A user who may log in over the network; besides <c>guest</c>, who may from this machine.</summary>
    /// <param name="name">Name to log in with.</param>
    /// <param name="password">As text.</param>
    /// <param name="configure">Permissions and tags; when null, all permissions in virtual host <c>/</c>.</param>
    public ActorBrokerOptions User(string name, string password, Action<BrokerUser>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(password);
        var user = new BrokerUser();
        configure?.Invoke(user);
        return Configure(user.ToHocon(name, password));
    }

    /// <summary>Any other settings, as <c>reference.conf</c> lists them.</summary>
    /// <param name="hocon">Such as <c>actor-broker.memory.high-watermark = 1GiB</c>.</param>
    public ActorBrokerOptions Configure(string hocon)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        _settings.Add(hocon);
        return this;
    }

    /// <summary>Declares virtual hosts, exchanges, queues and bindings.</summary>
    public ActorBrokerOptions Declare(Action<BrokerTopology> topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        topology(Topology);
        return this;
    }

    /// <summary>What was set, as configuration; later settings win. Of the topology it has the names of virtual hosts.</summary>
    /// <exception cref="ConfigurationException">Something that was given to <see cref="Configure"/> is not HOCON.</exception>
    public Config ToHocon()
    {
        try
        {
            var hosts = Topology.VirtualHosts.Select(h => $"{BrokerSettings.Path}.{BrokerSettings.MoreVirtualHosts}.{Hocon.Quoted(h)} = on");
            return ConfigurationFactory.ParseString(string.Join('\n', _settings.Concat(hosts)));
        }
        catch (Exception malformed) when (malformed is not ConfigurationException)
        {
            throw new ConfigurationException($"the settings of the broker are not HOCON: {malformed.Message}", malformed);
        }
    }
}
