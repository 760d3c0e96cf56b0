using ActorBroker.Durability.Tests.Running;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Support;

/// <summary>
/// Base of the scenarios: a stock client, names of their own, and a server that ends and starts again in between.
/// </summary>
public abstract partial class DurabilitySpec(DurableBroker broker) : IClassFixture<DurableBroker>, IAsyncLifetime
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly HashSet<string> _names = [];
    private readonly List<IConnection> _connections = [];
    private Publisher? _publisher;

    protected IServer Server => broker.Server;

    protected IConnection Connection { get; private set; } = null!;

    /// <summary>A plain channel: no confirms, no prefetch limit.</summary>
    protected IChannel Channel { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await broker.EnsureRunning();
        await Reconnect();
    }

    public async Task DisposeAsync()
    {
        if (Server.IsRunning)
        {
            await DisposeConnections();
            await using var connection = await broker.Factory().CreateConnectionAsync("sweeper");
            await using var channel = await connection.CreateChannelAsync();
            foreach (var name in _names)
            {
                await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false);
                await channel.ExchangeDeleteAsync(name);
            }
        }
    }

    /// <summary>A name that no other spec uses. Whatever gets it is deleted afterwards.</summary>
    protected string Name(string stem)
    {
        var name = $"dur.{stem}.{_run}";
        _names.Add(name);
        return name;
    }

    /// <summary>A further connection, closed when the server ends.</summary>
    protected async Task<IConnection> Connect()
    {
        var connection = await broker.Factory().CreateConnectionAsync(GetType().Name);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>
    /// Ends the server, with clients still connected, and starts it again; then connects anew. What the channels of
    /// the life before had not acknowledged is ready again.
    /// </summary>
    protected async Task Restart(Ending how)
    {
        await End(how);
        await Resume();
    }

    protected async Task End(Ending how)
    {
        if (DurableBroker.IsReference && how == Ending.Kill)
        {
            await Task.Delay(TimeSpan.FromSeconds(3)); // RabbitMQ answers a declaration before it is on the disk
        }

        await Server.End(how);
    }

    protected async Task Resume()
    {
        await Server.Start();
        await DisposeConnections();
        await Reconnect();
    }

    /// <summary>The confirming channel of the spec, opened on first use in each life.</summary>
    protected async Task<Publisher> Publisher() => _publisher ??= await ActorBroker.Tests.Shared.Publisher.Open(Connection, Waiting.Patience);

    private async Task Reconnect()
    {
        Connection = await Connect();
        Channel = await Connection.CreateChannelAsync();
    }

    private async Task DisposeConnections()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _connections.Clear();
        _publisher = null;
    }
}
