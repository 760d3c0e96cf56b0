using System.Net;
using ActorBroker.Addresses;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Tests.Topology;

/// <summary>Users and virtual hosts come and go while the broker runs.</summary>
public sealed class OperatorSpec : BrokerSpec
{
    [Fact]
    public async Task A_user_can_log_in_as_soon_as_the_answer_is_there()
    {
        Assert.Null(LogIn("alice", "secret"));
        Assert.True(await Put("alice", "secret", UserPutMode.Create));
        Assert.NotNull(LogIn("alice", "secret"));
        await Put("alice", "other", UserPutMode.Change);
        Assert.Null(LogIn("alice", "secret"));
        Assert.NotNull(LogIn("alice", "other"));
        Assert.NotNull(LogIn("guest", "guest"));
        var users = await Request(new TopologyProtocol.ListUsers());
        Assert.Equal(["alice", "guest"], users.Select(u => u.Name));
    }

    [Fact]
    public async Task A_removed_user_is_out_and_its_connections_are_told()
    {
        await Put("alice", "secret", UserPutMode.Create);
        var (mine, other) = (new Connection("alice", "/"), new Connection("guest", "/"));
        Assert.True(Broker.TryAddConnection(mine, 10, out _) && Broker.TryAddConnection(other, 10, out _));
        await Request(new TopologyProtocol.RemoveUser("alice"));
        await Request(new TopologyProtocol.ListUsers()); // behind it
        Assert.Null(LogIn("alice", "secret"));
        Assert.Equal("user 'alice' is deleted", mine.Reason);
        Assert.Null(other.Reason);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => Request(new TopologyProtocol.RemoveUser("alice")));
        Assert.Equal(RefusalReason.NotFound, refusal.Reason);
    }

    [Fact]
    public async Task Permissions_change_for_those_who_are_in_and_what_channels_remember_is_stale()
    {
        await Put("alice", "secret", UserPutMode.Create);
        Assert.True(await Request(new TopologyProtocol.SetPermissions("alice", "/", "^a", ".*", ".*")));
        var access = new AccessControl(Broker.Users.Find("alice")!, "/", () => Broker.Users.Find("alice"));
        access.CheckQueueDelete("a");
        Assert.ThrowsAny<Exception>(() => access.CheckQueueDelete("b"));

        var version = Host.RightsVersion;
        Assert.True(await Request(new TopologyProtocol.SetPermissions("alice", "/", "^b", ".*", ".*")));
        Assert.NotEqual(version, Host.RightsVersion);
        access.CheckQueueDelete("b");
        Assert.ThrowsAny<Exception>(() => access.CheckQueueDelete("a"));
        Assert.False(await Request(new TopologyProtocol.SetPermissions("alice", "/", "^b", ".*", ".*")));

        await Request(new TopologyProtocol.ClearPermissions("alice", "/"));
        Assert.ThrowsAny<Exception>(() => access.CheckQueueDelete("b"));
        await Request(new TopologyProtocol.RemoveUser("alice"));
        Assert.ThrowsAny<Exception>(() => access.CheckPublish("x"));
    }

    [Fact]
    public async Task Topics_are_limited_and_free_again_for_those_who_are_in()
    {
        await Put("alice", "secret", UserPutMode.Create);
        await Request(new TopologyProtocol.SetPermissions("alice", "/", ".*", ".*", ".*"));
        var access = new AccessControl(Broker.Users.Find("alice")!, "/", () => Broker.Users.Find("alice"));
        var version = Host.RightsVersion;
        Assert.True(await Request(new TopologyProtocol.SetTopicPermissions("alice", "/", "amq.topic", "^{username}", "")));
        Assert.NotEqual(version, Host.RightsVersion); // publishers look again
        Assert.NotNull(access.TopicsOf("amq.topic"));
        Assert.False(await Request(new TopologyProtocol.SetTopicPermissions("alice", "/", "amq.topic", "^{username}", "")));
        await Queue("q");
        await Assert.ThrowsAnyAsync<Exception>(() => Bind("amq.topic", "x"));
        await Bind("amq.fanout", "x");

        Assert.True(await Request(new TopologyProtocol.ClearTopicPermissions("alice", "/", "amq.topic")));
        Assert.Null(access.TopicsOf("amq.topic"));
        Assert.False(await Request(new TopologyProtocol.ClearTopicPermissions("alice", "/", null)));
        await Bind("amq.topic", "x");

        Task Bind(string source, string key) => Soon(
            Ask(new TopologyProtocol.Bind("/", Me, source, "q", ToQueue: true, key, Amqp.Types.FieldTable.Empty) { Access = access }), "the binding");
    }

    [Fact]
    public async Task A_virtual_host_comes_with_its_exchanges_and_goes_with_all_that_is_in_it()
    {
        Assert.True(await Request(new TopologyProtocol.AddVirtualHost("v")));
        Assert.False(await Request(new TopologyProtocol.AddVirtualHost("v")));
        var host = Broker.FindVirtualHost("v")!;
        Assert.NotNull(host.FindExchange("amq.fanout"));
        Assert.Equal(["/", "v"], await Request(new TopologyProtocol.ListVirtualHosts()), StringComparer.Ordinal);
        await Declare("q", host: "v");
        await Declare("mine", host: "v", exclusive: true);
        var queue = host.FindQueue("q")!;
        var (inside, outside) = (new Connection("guest", "v"), new Connection("guest", "/"));
        Assert.True(Broker.TryAddConnection(inside, 10, out _) && Broker.TryAddConnection(outside, 10, out _));

        await Request(new TopologyProtocol.RemoveVirtualHost("v"));
        Assert.Null(Broker.FindVirtualHost("v"));
        Assert.Equal("vhost 'v' is deleted", inside.Reason);
        Assert.Null(outside.Reason);
        Assert.Empty(host.Queues);
        Assert.Empty(host.Exchanges);
        var purge = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Purge(purge));
        await Assert.ThrowsAnyAsync<Exception>(() => Soon(purge.Task, "a queue that has ended"));
        await Soon(Ask(new TopologyProtocol.ConnectionGone("v", Me)), "the end of a connection that was in it");
        await Assert.ThrowsAnyAsync<Exception>(() => Declare("q", host: "v"));

        Assert.True(await Request(new TopologyProtocol.AddVirtualHost("v")));
        Assert.Empty(Broker.FindVirtualHost("v")!.Queues);
        await Declare("q", host: "v");
        Assert.NotSame(queue, Broker.FindVirtualHost("v")!.FindQueue("q"));
        await Assert.ThrowsAsync<RefusedException>(() => Request(new TopologyProtocol.RemoveVirtualHost("no")));
        await Assert.ThrowsAsync<RefusedException>(() => Request(new TopologyProtocol.RemoveVirtualHost("/")));
    }

    private User? LogIn(string name, string password) => Broker.Users.Authenticate(name, System.Text.Encoding.UTF8.GetBytes(password), IPAddress.Loopback);

    private Task<bool> Put(string name, string password, UserPutMode mode) =>
        Request(new TopologyProtocol.PutUser(name, PasswordHash.Create(password, [1, 2, 3, 4]), null, mode));

    private Task<T> Request<T>(TopologyProtocol.Request<T> request)
    {
        Broker.Topology.Tell(request);
        return Soon(request.Reply.Task, $"an answer to {request.GetType().Name}");
    }

    private sealed class Connection(string user, string host) : IBrokerConnection
    {
        public string UserName => user;

        public string VirtualHostName => host;

        public string? Reason { get; private set; }

        public void AlarmChanged()
        {
        }

        public void CloseForced(string reason) => Reason = reason;
    }
}
