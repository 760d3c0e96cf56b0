using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Listener;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Hosting.Tests;

/// <summary>Virtual hosts, users, exchanges, queues and bindings that are declared in code.</summary>
public sealed class TopologySpec
{
    private const string Tenant = "tenant.1/eu ü";

    [Fact]
    public void A_port_that_cannot_be_is_told_at_once()
    {
        Assert.Equal("port", Assert.Throws<ArgumentOutOfRangeException>(() => new ActorBrokerOptions().ListenAmqp(65536)).ParamName);
        Assert.Equal("port", Assert.Throws<ArgumentOutOfRangeException>(() => new ActorBrokerOptions().ListenAmqp(-1)).ParamName);
        Assert.Equal("endpoints", Assert.Throws<ArgumentException>(() => new ActorBrokerOptions().ListenAmqp("localhost:1", "")).ParamName);
        Assert.Equal("system", Assert.Throws<ArgumentNullException>(() => ActorBroker.Listener.AmqpEndpoint.For(null!)).ParamName);
    }

    [Fact]
    public async Task Each_tenant_has_a_virtual_host_with_queues_and_users_of_its_own()
    {
        using var host = await Hosts.Start(o => o
            .ListenAmqp(0)
            .Declare(t => t
                .Queue("orders")
                .VirtualHost(Tenant, v => v.Exchange("in").Queue("orders").Bind("in", "orders", "#"))
                .VirtualHost("empty"))
            .User("sender", "s", u => u.Permissions(Tenant, configure: "", write: @"^in\.?$", read: ""))
            .User("reader", "r", u => u.Permissions(Tenant, configure: "", write: "", read: "^orders$").Tags("monitoring")));
        var port = AmqpEndpoint.For(host.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port;
        await using (var sender = await Hosts.Connect(port, "sender", "s", Tenant))
        {
            await using var channel = await sender.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.BasicPublishAsync("in", "any", mandatory: true, "for the tenant"u8.ToArray());
            var refusal = await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.BasicGetAsync("orders", autoAck: true));
            Assert.Equal((ushort)ReplyCode.AccessRefused, refusal.ShutdownReason!.ReplyCode);
        }

        await using var reader = await Hosts.Connect(port, "reader", "r", Tenant);
        await using var reading = await reader.CreateChannelAsync();
        Assert.Equal("for the tenant", Encoding.UTF8.GetString((await reading.BasicGetAsync("orders", autoAck: true))!.Body.Span));
        Assert.Null(await host.Services.GetRequiredService<IBroker>().GetAsync("orders"));
        foreach (var closed in new[] { "/", "empty" })
        {
            var refusal = await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var outside = await Hosts.Connect(port, "reader", "r", closed);
                await outside.CreateChannelAsync(); // the client may think for a moment that it is in
            });
            Assert.Contains($"access to vhost '{closed}' refused for user 'reader'", $"{refusal}");
        }

        await using var session = host.Services.GetRequiredService<Broker>().Open("empty");
        await session.DeclareQueueAsync("orders");
        await host.StopAsync();
    }

    [Fact]
    public async Task An_equal_topology_that_is_declared_again_writes_nothing()
    {
        using var directory = new TempDirectory();
        await Run();
        var before = Events();
        Assert.True(before > 0);
        await Run();
        Assert.Equal(before, Events());

        async Task Run()
        {
            using var host = await Hosts.Start(o => o
                .UseSqlite(directory.Path)
                .User("shop", "secret", u => u.Permissions(Tenant))
                .Declare(t => t
                    .Exchange("orders").Exchange("audit", "fanout").Queue("eu").Bind("orders", "eu", "eu.#").BindExchange("orders", "audit", "#")
                    .VirtualHost(Tenant, v => v.Exchange("orders").Queue("eu", new QueueOptions { MaxLength = 10 }).Bind("orders", "eu", "#"))));
            await host.StopAsync();
        }

        long Events()
        {
            using var connection = new SqliteConnection($"Data Source={directory.Path}/actorbroker.db;Pooling=false");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT max(sequence_number) FROM journal WHERE persistence_id = 'topology'";
            return (long)command.ExecuteScalar()!;
        }
    }

    [Fact]
    public async Task What_differs_in_a_virtual_host_fails_the_start_and_names_it()
    {
        using var directory = new TempDirectory();
        using (var host = await Hosts.Start(Declaring(10)))
        {
            await host.StopAsync();
        }

        using var other = Hosts.Build(Declaring(20));
        var refusal = await Assert.ThrowsAsync<ChannelException>(() => other.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains($"inequivalent arg 'x-max-length' for queue 'q' in vhost '{Tenant}': received '20' but current is '10'", refusal.Text);
        await other.StopAsync();

        Action<ActorBrokerOptions> Declaring(int length) => o => o
            .UseSqlite(directory.Path).Declare(t => t.VirtualHost(Tenant, v => v.Queue("q", new QueueOptions { MaxLength = length })));
    }

    [Fact]
    public async Task Code_adds_to_the_virtual_hosts_of_the_configuration()
    {
        using var host = await Hosts.Start(o => o.Configure("actor-broker.vhosts = [\"/\", \"configured\"]").Declare(t => t.VirtualHost("declared")));
        var broker = host.Services.GetRequiredService<Broker>();
        Assert.Equal(["/", "configured", "declared"], broker.VirtualHosts.Select(v => v.Name).Order(StringComparer.Ordinal));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_running_broker_may_be_given_a_topology_too()
    {
        using var host = await Hosts.Start();
        var broker = host.Services.GetRequiredService<Broker>();
        var topology = new BrokerTopology().Queue("q").VirtualHost(Tenant, v => v.Queue("q"));
        await topology.DeclareAsync(broker);
        await topology.DeclareAsync(broker);
        await using var tenant = broker.Open(Tenant);
        await tenant.PublishAsync("", "q", "here"u8.ToArray(), mandatory: true);
        Assert.Equal(1, (await tenant.InspectQueueAsync("q")).Ready);
        Assert.Equal(0, (await broker.Client.InspectQueueAsync("q")).Ready);
        await host.StopAsync();
    }

    [Fact]
    public async Task What_cannot_be_is_said()
    {
        using var unknown = Hosts.Build(o => o.User("shop", "secret", u => u.Permissions("nowhere")));
        var error = await Assert.ThrowsAnyAsync<ConfigurationException>(() => unknown.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains("actor-broker.users.shop.permissions.\"nowhere\": must be one of actor-broker.vhosts", error.Message);
        await unknown.StopAsync();

        using var expression = Hosts.Build(o => o.User("shop", "secret", u => u.Permissions("/", write: "(")));
        error = await Assert.ThrowsAnyAsync<ConfigurationException>(() => expression.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains("actor-broker.users.shop.permissions.\"/\".write = (: must be a regular expression", error.Message);
        await expression.StopAsync();

        Assert.Throws<ArgumentException>(() => new BrokerTopology().VirtualHost(""));
        Assert.Throws<ArgumentException>(() => new BrokerTopology().VirtualHost("t", v => v.Queue("q", new QueueOptions { Exclusive = true })));
    }
}
