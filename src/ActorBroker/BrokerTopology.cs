using ActorBroker.Amqp;
using ActorBroker.Client;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker;

/// <summary>
/// Exchanges, queues and bindings that an application needs, in the order in which they are declared: in virtual host <c>/</c>, and in
/// others by <see cref="VirtualHost"/>. What is there already and equal stays as it is; nothing is ever deleted.
/// </summary>
public sealed class BrokerTopology
{
    private readonly string _virtualHost;
    private readonly List<(string VirtualHost, Func<IBroker, CancellationToken, Task>? Step)> _steps; // no step: the virtual host itself

    /// <summary>A topology without anything in it.</summary>
    public BrokerTopology()
        : this("/", [])
    {
    }

    private BrokerTopology(string virtualHost, List<(string VirtualHost, Func<IBroker, CancellationToken, Task>? Step)> steps) => (_virtualHost, _steps) = (virtualHost, steps);

    /// <summary>Virtual hosts that are declared by name.</summary>
    internal IEnumerable<string> VirtualHosts => _steps.Where(s => s.Step is null).Select(s => s.VirtualHost).Distinct(StringComparer.Ordinal);

    /// <summary>An exchange.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8, not beginning with <c>amq.</c>.</param>
    /// <param name="type"><c>direct</c>, <c>fanout</c>, <c>topic</c> or <c>headers</c>.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    /// <exception cref="ArgumentException">The name or the type is null, or no name.</exception>
    public BrokerTopology Exchange(string name, string type = "topic", ExchangeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Names.Check(name);
        Names.Check(type);
        return Add((broker, end) => broker.DeclareExchangeAsync(name, type, options, end));
    }

    /// <summary>A queue.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8, not beginning with <c>amq.</c>.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    /// <exception cref="ArgumentException">It is exclusive, and not in <c>/</c>: nobody could use it.</exception>
    public BrokerTopology Queue(string name, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Names.Check(name);
        return options is { Exclusive: true } && _virtualHost != "/"
            ? throw new ArgumentException($"queue '{name}' in vhost '{_virtualHost}': an exclusive queue goes with the session that declares it", nameof(options))
            : Add((broker, end) => broker.DeclareQueueAsync(name, options, end));
    }

    /// <summary>Messages that an exchange takes go to a queue, if the key fits.</summary>
    public BrokerTopology Bind(string exchange, string queue, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null)
    {
        Names.Check(exchange);
        Names.Check(queue);
        Names.Check(bindingKey);
        return Add((broker, end) => broker.BindQueueAsync(queue, exchange, bindingKey, arguments, end));
    }

    /// <summary>Messages that <paramref name="source"/> takes go on to another exchange, if the key fits.</summary>
    public BrokerTopology BindExchange(string source, string destination, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null)
    {
        Names.Check(source);
        Names.Check(destination);
        Names.Check(bindingKey);
        return Add((broker, end) => broker.BindExchangeAsync(destination, source, bindingKey, arguments, end));
    }

    /// <summary>A virtual host, and what is in it: <c>t.VirtualHost("tenant-1", v => v.Queue("orders"))</c>.</summary>
    /// <param name="name">Not empty; <c>/</c> is the one that all else is in.</param>
    /// <param name="declare">Says what is in it; null for the virtual host alone. Several calls for one name add up.</param>
    /// <remarks>In process it is used by <see cref="Broker.Open"/>; <see cref="BrokerUser.Permissions"/> lets users into it.</remarks>
    public BrokerTopology VirtualHost(string name, Action<BrokerTopology>? declare = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _steps.Add((name, null));
        declare?.Invoke(new BrokerTopology(name, _steps));
        return this;
    }

    /// <summary>Declares all of it.</summary>
    /// <param name="broker">Where.</param>
    /// <param name="cancellation">Ends it between two declarations, or while one is waited for.</param>
    /// <exception cref="AmqpException">406: something is there with other properties; says which one and both values.</exception>
    public async Task DeclareAsync(Broker broker, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        await broker.WhenStarted.WaitAsync(cancellation).ConfigureAwait(false);
        var sessions = new Dictionary<string, IBrokerSession>(StringComparer.Ordinal);
        try
        {
            foreach (var (host, step) in _steps)
            {
                await (step is null ? Add(broker, host) : step(host == "/" ? broker.Client : Session(host), cancellation)).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var session in sessions.Values)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }

        IBrokerSession Session(string host) => sessions.TryGetValue(host, out var open) ? open : sessions[host] = broker.Open(host);
    }

    private static Task Add(Broker broker, string virtualHost)
    {
        if (broker.FindVirtualHost(virtualHost) is not null)
        {
            return Task.CompletedTask;
        }

        var add = new TopologyProtocol.AddVirtualHost(virtualHost);
        broker.Topology.Tell(add, ActorRefs.NoSender);
        return add.Reply.Task;
    }

    private BrokerTopology Add(Func<IBroker, CancellationToken, Task> step)
    {
        _steps.Add((_virtualHost, step));
        return this;
    }
}
