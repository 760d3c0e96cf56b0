using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Listener;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ActorBroker.Hosting.Tests;

/// <summary>A broker inside an application that is built with Microsoft.Extensions.Hosting.</summary>
public sealed class HostedBrokerSpec
{
    [Fact]
    public async Task It_has_its_topology_when_the_host_has_started_and_needs_no_socket()
    {
        using var host = await Hosts.Start(o => o.Declare(t => t
            .Exchange("orders")
            .Queue("orders.eu", new QueueOptions { MaxLength = 100_000 })
            .Bind("orders", "orders.eu", "eu.#")));
        var broker = host.Services.GetRequiredService<IBroker>();
        Assert.Equal(PublishResult.Confirmed, await broker.PublishAsync("orders", "eu.fr", "one"u8.ToArray(), mandatory: true));
        Assert.Equal("one", (await broker.GetAsync("orders.eu", autoAck: true))!.Text);
        Assert.Same(broker, host.Services.GetRequiredService<Broker>().Client);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_stock_client_and_the_application_meet_in_it()
    {
        using var host = await Hosts.Start(o => o.ListenAmqp(0).User("shop", "s\"ecr\\et").Declare(t => t.Queue("q")));
        var port = AmqpEndpoint.For(host.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port;
        await using var connection = await Hosts.Connect(port, "shop", "s\"ecr\\et");
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync("", "q", "from the wire"u8.ToArray());
        var broker = host.Services.GetRequiredService<IBroker>();
        Assert.Equal("from the wire", (await broker.GetAsync("q", autoAck: true))!.Text);
        await broker.PublishAsync("", "q", "from inside"u8.ToArray());
        var got = await channel.BasicGetAsync("q", autoAck: true);
        Assert.Equal("from inside", Encoding.UTF8.GetString(got!.Body.Span));
        Assert.Equal(DeliveryModes.Persistent, got.BasicProperties.DeliveryMode);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_clean_stop_tells_clients_320_and_loses_nothing()
    {
        using var directory = new TempDirectory();
        using var host = await Hosts.Start(o => o.UseSqlite(directory.Path).ListenAmqp(0).Declare(t => t.Queue("q")));
        var port = AmqpEndpoint.For(host.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port;
        await using var connection = await Hosts.Connect(port);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var persistent = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        for (var i = 0; i < 3; i++)
        {
            await channel.BasicPublishAsync("", "q", mandatory: true, persistent, Encoding.UTF8.GetBytes($"{i}"));
        }

        Assert.NotNull(await channel.BasicGetAsync("q", autoAck: true));
        var shutdown = new TaskCompletionSource<ShutdownEventArgs>();
        connection.ConnectionShutdownAsync += (_, e) =>
        {
            shutdown.TrySetResult(e);
            return Task.CompletedTask;
        };
        await host.StopAsync().WaitAsync(Hosts.Patience);
        var end = await shutdown.Task.WaitAsync(Hosts.Patience);
        Assert.Equal((320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"), (end.ReplyCode, end.ReplyText));

        using var again = await Hosts.Start(o => o.UseSqlite(directory.Path).Declare(t => t.Queue("q")));
        var broker = again.Services.GetRequiredService<IBroker>();
        var one = await broker.GetAsync("q");
        Assert.Equal(("1", false), (one!.Text, one.Redelivered)); // a clean end knows what nobody had
        Assert.Equal("2", (await broker.GetAsync("q"))!.Text);
        Assert.Null(await broker.GetAsync("q"));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_stop_of_the_broker_itself_ends_all_who_use_it()
    {
        using var host = await Hosts.Start(o => o.ListenAmqp(0).Declare(t => t.Queue("q")));
        var port = AmqpEndpoint.For(host.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port;
        await using var connection = await Hosts.Connect(port);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync("", "q", "x"u8.ToArray());
        await host.Services.GetRequiredService<IBroker>().RequestAsync("", "q", default, timeout: TimeSpan.Zero).ContinueWith(_ => { }); // has a consumer
        var shutdown = new TaskCompletionSource<ushort>();
        connection.ConnectionShutdownAsync += (_, e) =>
        {
            shutdown.TrySetResult(e.ReplyCode);
            return Task.CompletedTask;
        };
        var broker = host.Services.GetRequiredService<Broker>();
        var begun = Environment.TickCount64;
        Assert.True(await broker.StopAsync(Hosts.Patience));
        Assert.InRange(Environment.TickCount64 - begun, 0, Hosts.Patience.TotalMilliseconds / 3); // nobody holds it up
        Assert.Equal(320, await shutdown.Task.WaitAsync(Hosts.Patience));
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await (await Hosts.Connect(port)).CreateChannelAsync());
        Assert.Contains("the broker has been shut down", refused.ToString());
        var gone = await Assert.ThrowsAsync<ConnectionException>(() => broker.Client.PublishAsync("", "q", default));
        Assert.Equal(ReplyCode.ConnectionForced, gone.Code);
        await host.StopAsync().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task A_handler_is_asked_to_end_when_the_host_stops_and_what_it_has_not_begun_stays()
    {
        using var directory = new TempDirectory();
        using var host = await Hosts.Start(o => o.UseSqlite(directory.Path).Declare(t => t.Queue("q")));
        var broker = host.Services.GetRequiredService<IBroker>();
        var begun = new TaskCompletionSource();
        await broker.ConsumeAsync("q", async (_, token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default); // comes to a good end, and is acked
        });
        for (var i = 0; i < 3; i++)
        {
            await broker.PublishAsync("", "q", Encoding.UTF8.GetBytes($"{i}"));
        }

        await begun.Task.WaitAsync(Hosts.Patience);
        await host.StopAsync().WaitAsync(Hosts.Patience);
        using var again = await Hosts.Start(o => o.UseSqlite(directory.Path));
        var rest = again.Services.GetRequiredService<IBroker>();
        Assert.Equal("1", (await rest.GetAsync("q", autoAck: true))!.Text);
        Assert.Equal("2", (await rest.GetAsync("q", autoAck: true))!.Text);
        Assert.Null(await rest.GetAsync("q"));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_topology_that_differs_from_the_stores_fails_the_start()
    {
        using var directory = new TempDirectory();
        using (var host = await Hosts.Start(o => o.UseSqlite(directory.Path).Declare(t => t.Queue("q", new QueueOptions { MaxLength = 10 }))))
        {
            await host.StopAsync();
        }

        using var other = Hosts.Build(o => o.UseSqlite(directory.Path).Declare(t => t.Queue("q", new QueueOptions { MaxLength = 20 })));
        var refusal = await Assert.ThrowsAsync<ChannelException>(() => other.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Equal(ReplyCode.PreconditionFailed, refusal.Code);
        Assert.Contains("inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received '20' but current is '10'", refusal.Text);
        await other.StopAsync();
    }

    [Fact]
    public async Task What_cannot_be_is_said_at_the_start()
    {
        using var range = Hosts.Build(o => o.Configure("actor-broker.amqp.max-message-size = 1").ListenAmqp(0));
        Assert.Contains("actor-broker.amqp.max-message-size = 1", (await Failure<ConfigurationException>(range)).Message);

        using var directory = new TempDirectory();
        using var first = await Hosts.Start(o => o.UseSqlite(directory.Path).ListenAmqp(0));
        using var second = Hosts.Build(o => o.UseSqlite(directory.Path));
        Assert.Contains("another broker uses this directory", (await Failure<IOException>(second)).Message);

        var port = AmqpEndpoint.For(first.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port;
        using var third = Hosts.Build(o => o.ListenAmqp(port));
        await Failure<IOException>(third);
        await first.StopAsync();

        static async Task<T> Failure<T>(IHost host)
            where T : Exception
        {
            var failure = await Assert.ThrowsAnyAsync<T>(() => host.StartAsync().WaitAsync(Hosts.Patience));
            await host.StopAsync();
            return failure;
        }
    }

    [Fact]
    public async Task Twenty_of_them_do_not_hear_each_other()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Hosts.Start(o => o.ListenAmqp(0).UseMemory().Declare(t => t.Queue("q")), "same")));
        var ports = hosts.Select(h => AmqpEndpoint.For(h.Services.GetRequiredService<ActorSystem>()).Endpoints.Single().Port).ToArray();
        Assert.Equal(20, ports.Distinct().Count());
        await Task.WhenAll(hosts.Select((h, i) => h.Services.GetRequiredService<IBroker>().PublishAsync("", "q", Encoding.UTF8.GetBytes($"{i}"))));
        for (var i = 0; i < hosts.Length; i++)
        {
            await using var connection = await Hosts.Connect(ports[i]);
            await using var channel = await connection.CreateChannelAsync();
            Assert.Equal($"{i}", Encoding.UTF8.GetString((await channel.BasicGetAsync("q", autoAck: true))!.Body.Span));
            Assert.Null(await channel.BasicGetAsync("q", autoAck: true));
        }

        await Task.WhenAll(hosts.Select(h => h.StopAsync()));
        Array.ForEach(hosts, h => h.Dispose());
    }
}
