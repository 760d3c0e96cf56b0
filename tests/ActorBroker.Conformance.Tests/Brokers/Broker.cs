using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>One broker for a whole run: started before the first test of its family, stopped after the last.</summary>
public abstract class Broker : IAsyncLifetime
{
    private IConnection? _janitor;

    /// <summary>Where it listens. Set once it has started.</summary>
    public BrokerEndpoint Endpoint { get; protected set; } = null!;

    public BrokerKind Kind => Endpoint.Kind;

    /// <summary>The process behind it; null when somebody else started it.</summary>
    protected BrokerProcess? Process { get; set; }

    public abstract Task InitializeAsync();

    public virtual async Task DisposeAsync()
    {
        if (_janitor is not null)
        {
            await _janitor.DisposeAsync();
        }

        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
    }

    /// <summary>Fails with the last words of a broker that has died, which say more than a refused connection.</summary>
    public void MustBeAlive() =>
        Assert.True(Process?.Fate is null, $"{Endpoint.Kind} is not there any more: it {Process?.Fate}");

    /// <summary>Settings of a stock client: nothing is repaired behind the back of a test.</summary>
    public ConnectionFactory Factory(Account? account = null, string vhost = "/") => new()
    {
        HostName = Endpoint.Host,
        Port = Endpoint.Port,
        UserName = (account ?? Accounts.Guest).Name,
        Password = (account ?? Accounts.Guest).Name,
        VirtualHost = vhost,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        ContinuationTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>Deletes the queues and exchanges a test has left behind, whether they still exist or not.</summary>
    public async Task Sweep(IReadOnlyCollection<string> names)
    {
        if (_janitor is not { IsOpen: true })
        {
            _janitor = await Factory().CreateConnectionAsync("janitor");
        }

        await using var channel = await _janitor.CreateChannelAsync();
        foreach (var name in names)
        {
            await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false);
            await channel.ExchangeDeleteAsync(name);
        }
    }
}
