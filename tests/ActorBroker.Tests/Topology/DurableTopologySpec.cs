using System.Net;
using ActorBroker.Addresses;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.Stores;
using ActorBroker.Tests.Stores;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Tests.Topology;

/// <summary>What was declared is there after a restart, on a real store.</summary>
public sealed class DurableTopologySpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _name = $"{Guid.NewGuid():N}";
    private readonly IDisposable _keeper;
    private Broker? _broker;

    public DurableTopologySpec() => _keeper = BrokerStore.KeepMemory(_name);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Stop();
        _keeper.Dispose();
    }

    [Fact]
    public async Task What_is_durable_survives_and_nothing_else()
    {
        await Start();
        Assert.True(_broker!.HasStore);
        await Ask(new TopologyProtocol.AddVirtualHost("v"));
        await Ask(new TopologyProtocol.PutUser("alice", PasswordHash.Create("secret", [1, 2, 3, 4]), ["monitoring"], UserPutMode.Create));
        await Ask(new TopologyProtocol.SetPermissions("alice", "v", "^a", ".*", "$b"));
        await Ask(new TopologyProtocol.PutUser("guest", PasswordHash.Create("better", [1, 2, 3, 4]), null, UserPutMode.Change));
        await Exchange("e", durable: true);
        await Exchange("t", durable: false);
        await Declare("gone", durable: true);
        await Declare("q", durable: true);
        await Declare("transient", durable: false);
        await Declare("mine", durable: true, exclusive: true);
        await Ask(new TopologyProtocol.Bind("/", 1, "e", "q", ToQueue: true, "k", Tables.Of()));
        await Ask(new TopologyProtocol.Bind("/", 1, "amq.topic", "q", ToQueue: true, "a.*", Tables.Of()));
        await Ask(new TopologyProtocol.Bind("/", 1, "e", "transient", ToQueue: true, "k", Tables.Of()));
        await Ask(new TopologyProtocol.DeleteQueue("/", 1, "gone", false, false));
        var uid = _broker.FindVirtualHost("/")!.FindQueue("q")!.Definition.Uid;

        for (var life = 0; life < 2; life++)
        {
            await Stop();
            await Start();
            var host = _broker!.FindVirtualHost("/")!;
            Assert.Equal(["q"], host.Queues.Select(q => q.Name));
            Assert.Equal(uid, host.FindQueue("q")!.Definition.Uid);
            Assert.NotNull(host.FindExchange("e"));
            Assert.Null(host.FindExchange("t"));
            Assert.Equal(["q"], Route("e", "k"));
            Assert.Equal(["q"], Route("amq.topic", "a.b"));
            Assert.NotNull(_broker.FindVirtualHost("v"));
            var alice = _broker.Users.Authenticate("alice", "secret"u8, IPAddress.Loopback)!;
            Assert.Equal(("^a", ".*", "$b"), (alice.Permissions["v"].Configure, alice.Permissions["v"].Write, alice.Permissions["v"].Read));
            Assert.Equal(["monitoring"], alice.Tags);
            Assert.Null(_broker.Users.Authenticate("guest", "guest"u8, IPAddress.Loopback));
            Assert.NotNull(_broker.Users.Authenticate("guest", "better"u8, IPAddress.Loopback));
        }

        await Declare("next", durable: true);
        Assert.True(_broker!.FindVirtualHost("/")!.FindQueue("next")!.Definition.Uid > uid);
    }

    [Fact]
    public async Task Snapshots_and_deletions_lose_nothing()
    {
        await Start();
        var faults = 0;
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 1100).Select(i => Exchange($"e{round}-{i}", durable: true)));
            await Ask(new TopologyProtocol.DeleteExchange("/", 1, $"e{round}-7", false));
            faults++;
        }

        await Stop();
        await Start();
        Assert.Equal((faults * 1099) + 7, _broker!.FindVirtualHost("/")!.Exchanges.Count());
    }

    [Fact]
    public async Task A_declare_whose_write_fails_is_answered_once_the_store_works_again()
    {
        var faults = new Faults();
        await Start(faults);
        faults.FailCommands("INSERT INTO", times: 3);
        Assert.Equal("q", (await Declare("q", durable: true)).Name);
        Assert.Equal(3, faults.Thrown);
        await Declare("q2", durable: true);
        await Stop();
        await Start();
        Assert.Equal(["q", "q2"], _broker!.FindVirtualHost("/")!.Queues.Select(q => q.Name).Order());
    }

    private Task<QueueProtocol.QueueCounts> Declare(string name, bool durable, bool exclusive = false) =>
        Ask(new TopologyProtocol.DeclareQueue("/", 1, name, Passive: false, durable, exclusive, AutoDelete: false, Tables.Of()));

    private Task<bool> Exchange(string name, bool durable) =>
        Ask(new TopologyProtocol.DeclareExchange("/", 1, name, "direct", Passive: false, durable, AutoDelete: false, Internal: false, Tables.Of()));

    private string[] Route(string exchange, string key)
    {
        var host = _broker!.FindVirtualHost("/")!;
        var result = new Core.Exchanges.RouteResult();
        Core.Exchanges.Router.Route(
            host.FindExchange(exchange)!, new Core.Exchanges.RoutingInput(System.Text.Encoding.UTF8.GetBytes(key)), host, result);
        return [.. result.Queues.ToArray().Select(q => q.Name)];
    }

    private async Task<T> Ask<T>(TopologyProtocol.Request<T> request)
    {
        _broker!.Topology.Tell(request);
        return await request.Reply.Task.WaitAsync(Patience);
    }

    private async Task Start(Faults? faults = null)
    {
        var system = BrokerSystem.Create(
            "durable",
            ConfigurationFactory.ParseString($"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                actor-broker.store.kind = memory
                actor-broker.store.memory-name = "{_name}"
                """),
            faults?.Observers ?? []);
        _broker = await Broker.StartAsync(system).WaitAsync(Patience);
    }

    private async Task Stop()
    {
        if (_broker is { } broker)
        {
            _broker = null;
            await broker.System.Terminate().WaitAsync(Patience);
        }
    }
}
