using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Support;

/// <summary>
/// Base of all tests that use a stock client: one connection and one channel, names of their own, and a clean broker
/// afterwards. The concrete families differ only in the broker they pass in.
/// </summary>
public abstract partial class ConformanceSpec(Broker broker) : IAsyncLifetime, IHasPhase
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly HashSet<string> _names = [];
    private readonly List<IConnection> _connections = [];
    private Publisher? _publisher;

    public Phase Phase { get; } = new();

    protected Broker Broker { get; } = broker;

    protected BrokerKind Kind => Broker.Kind;

    protected IConnection Connection { get; private set; } = null!;

    /// <summary>A plain channel: no confirms, no prefetch limit.</summary>
    protected IChannel Channel { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Broker.MustBeAlive();
        Connection = await Connect();
        Channel = await Connection.CreateChannelAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await Broker.Sweep(_names);
        Phase.Dispose();
    }

    /// <summary>A name that no other test uses. Whatever gets it is deleted after the test.</summary>
    protected string Name(string stem)
    {
        var name = $"conf.{stem}.{_run}";
        _names.Add(name);
        return name;
    }

    /// <summary>A further connection, closed with the test.</summary>
    protected async Task<IConnection> Connect(
        Account? account = null, string vhost = "/", Action<ConnectionFactory>? configure = null)
    {
        var factory = Broker.Factory(account, vhost);
        configure?.Invoke(factory);
        var connection = await Phase.Of("a connection", factory.CreateConnectionAsync(GetType().Name));
        _connections.Add(connection);
        return connection;
    }

    /// <summary>A further channel, of the test's connection if no other is given.</summary>
    protected async Task<IChannel> Open(IConnection? connection = null) =>
        await Phase.Of("a channel", (connection ?? Connection).CreateChannelAsync());

    /// <summary>The confirming channel of the test, opened on first use.</summary>
    protected async Task<Publisher> Publisher() =>
        _publisher ??= await ActorBroker.Tests.Shared.Publisher.Open(Connection, Phase);
}
