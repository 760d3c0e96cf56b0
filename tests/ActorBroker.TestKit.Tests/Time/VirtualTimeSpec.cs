using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorBroker.TestKit.Leaks;
using RabbitMQ.Client;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests.Time;

/// <summary>Hours in milliseconds, through the real state machines.</summary>
public sealed class VirtualTimeSpec(ITestOutputHelper output) : BrokerTestKit(output, settings: "actor-broker.amqp.heartbeat = 30s, akka.loglevel = INFO")
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private Cost _cost = new();

    [Fact]
    public async Task A_queue_expires_after_seven_days_and_not_before()
    {
        await Broker.DeclareQueue("weekly", new QueueOptions { Expires = TimeSpan.FromDays(7) });
        await Broker.Publish("", "weekly", "waits");
        _cost = new Cost();
        await Clock.AdvanceAsync(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        await Broker.Queue("weekly").ShouldExist();
        await Clock.AdvanceAsync(TimeSpan.FromMilliseconds(2));
        await Broker.Queue("weekly").ShouldBeGone();
        _cost.ShouldBeLessThan(Second);
    }

    [Fact]
    public async Task A_message_expires_and_is_dead_lettered_at_its_time()
    {
        LeakHunt &= ~LeakKinds.DeadLetteredMessages;
        await Broker.DeclareQueue("late");
        await Broker.DeclareQueue("work", new QueueOptions { MessageTtl = TimeSpan.FromHours(2), DeadLetterExchange = "", DeadLetterRoutingKey = "late" });
        await Broker.Publish("", "work", "job");
        await Clock.AdvanceAsync(TimeSpan.FromHours(2) - Second);
        await Broker.Queue("work").ShouldHaveDepth(1);
        await Clock.AdvanceAsync(2 * Second);
        await Broker.Queue("work").ShouldHaveDepth(0);
        await Broker.Queue("late").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_cut_off_after_the_handshake_timeout()
    {
        var port = await Broker.ListenAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await Eventually(() => Broker.OpenConnections.Count == 1, "the broker to accept");
        _cost = new Cost();
        await Clock.AdvanceAsync(9 * Second);
        Assert.Single(Broker.OpenConnections);
        await Clock.AdvanceAsync(2 * Second);
        await Eventually(() => Broker.OpenConnections.Count == 0, "the socket to be closed");
        _cost.ShouldBeLessThan(Second);
    }

    [Fact]
    public async Task A_stock_client_keeps_its_connection_while_days_pass()
    {
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        _cost = new Cost();
        await Clock.AdvanceAsync(TimeSpan.FromDays(2));
        await channel.QueueDeclareAsync("work");
        Assert.True(connection.IsOpen);
        _cost.ShouldBeLessThan(Second);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task A_silent_client_is_cut_off_by_heartbeats_when_the_test_wants_it()
    {
        Broker.Heartbeats = true;
        await using var connection = await Connect();
        var ended = new TaskCompletionSource();
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        _cost = new Cost();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(91)); // two intervals of silence, whole
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(5));
        _cost.ShouldBeLessThan(Second);
    }

    [Fact]
    public async Task Publishers_are_blocked_while_memory_is_short()
    {
        await Broker.DeclareQueue("work");
        _cost = new Cost();
        await Broker.RaiseMemoryAlarm();
        var publish = Broker.Publish("", "work", "waits");
        await Clock.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.False(publish.IsCompleted);
        await Broker.ClearMemoryAlarm();
        await publish.WaitAsync(5 * Second);
        await Broker.Queue("work").ShouldHaveDepth(1);
        _cost.ShouldBeLessThan(Second);
    }

    private async Task<IConnection> Connect()
    {
        await Broker.ListenAsync();
        var connection = await new ConnectionFactory { Uri = Broker.AmqpUri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        await (await connection.CreateChannelAsync()).DisposeAsync(); // the client does not wait for connection.open-ok by itself
        return connection;
    }

    private static async Task Eventually(Func<bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(10), $"waited for {what}");
            await Task.Yield();
        }
    }
}
