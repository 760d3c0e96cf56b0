using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Running;

/// <summary>
/// The server that the specs of one class share; each spec ends it and starts it again. The specs themselves are proved
/// against RabbitMQ with <c>ACTORBROKER_DURABILITY_ON=rabbitmq</c>.
/// </summary>
public sealed class DurableBroker : IAsyncLifetime
{
    private IServer? _server;

    /// <summary>True when the specs run against RabbitMQ, which counts deliveries in quorum queues only.</summary>
    public static bool IsReference { get; } =
        Environment.GetEnvironmentVariable("ACTORBROKER_DURABILITY_ON") is "rabbitmq";

    /// <summary>
    /// What <c>redelivered</c> says of a message that nobody had before the server ended so; null when either will do.
    /// RabbitMQ marks everything after a kill, since it does not know.
    /// </summary>
    public static bool? MarkOfUntouched(Ending how) => IsReference && how == Ending.Kill ? null : false;

    public IServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => await EnsureRunning();

    /// <summary>A spec that failed between two lives leaves no server behind: the next one gets a new one.</summary>
    public async Task EnsureRunning()
    {
        if (_server?.IsRunning == true)
        {
            return;
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _server = IsReference ? new RabbitMqServer() : ActorBrokerServer.OnSqlite();
        await _server.Start();
    }

    /// <summary>Settings of a stock client that repairs nothing by itself.</summary>
    public ConnectionFactory Factory() => Factory(Server.Port);

    /// <inheritdoc cref="Factory()" />
    public static ConnectionFactory Factory(int port) => new()
    {
        HostName = "127.0.0.1",
        Port = port,
        UserName = "guest",
        Password = "guest",
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        ContinuationTimeout = TimeSpan.FromSeconds(20),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(20),
    };

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
