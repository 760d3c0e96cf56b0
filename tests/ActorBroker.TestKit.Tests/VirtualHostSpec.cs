using System.Text;
using ActorBroker.Amqp;
using RabbitMQ.Client;
using Xunit.Sdk;

namespace ActorBroker.TestKit.Tests;

/// <summary>Scenarios in another virtual host.</summary>
public sealed class VirtualHostSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task The_words_of_a_scenario_are_said_to_a_virtual_host()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await tenant.DeclareExchange("events");
        await tenant.DeclareQueue("work");
        await tenant.Bind("work", "events", "key");
        await tenant.Publish("events", "key", "first");
        await tenant.Publish("events", "key", "second");
        (await tenant.Get("work"))!.Ack();
        var consumer = await tenant.Consume("work", prefetch: 1);
        await consumer.ExpectDeliveryAsync("second");
        await tenant.Queue("work").ShouldHaveUnacked(1);
        await Broker.Queue("work").ShouldBeGone();

        await consumer.KillAsync();
        await Broker.In("tenant").Queue("work").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task A_queue_in_a_virtual_host_is_killed_and_survives_a_crash()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        await Broker.DeclareQueue("work");
        await tenant.DeclareQueue("work");
        await tenant.Publish("", "work", "job");
        var there = await tenant.Consume("work");
        var here = await Broker.Consume("work");
        await there.ExpectDeliveryAsync("job");
        await tenant.Queue("work").KillAsync();
        await there.ExpectCancelledAsync();
        await tenant.Queue("work").ShouldHaveDepth(1);
        Assert.False(here.Consumer.Completion.IsCompleted);

        await Broker.CrashAndRestartAsync();
        await tenant.Queue("work").ShouldHaveDepth(1);
        Assert.Equal("job", (await tenant.Get("work", autoAck: true))!.Text);
        await Broker.Queue("work").ShouldHaveDepth(0);
    }

    [Fact]
    public async Task A_stock_client_may_use_it()
    {
        var tenant = await Broker.DeclareVirtualHost("a/b");
        Assert.Equal("a/b", (await Broker.DeclareVirtualHost("a/b")).Name); // again
        await tenant.DeclareQueue("work");
        await Broker.ListenAsync();
        await using var connection = await new ConnectionFactory { Uri = tenant.AmqpUri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync("", "work", Encoding.UTF8.GetBytes("job"));
        await tenant.Queue("work").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task Errors_say_in_which_virtual_host_it_was()
    {
        var tenant = await Broker.DeclareVirtualHost("tenant");
        var missing = await Assert.ThrowsAsync<XunitException>(() => tenant.Queue("work").KillAsync());
        Assert.Equal("queue 'work' in vhost 'tenant': there is no such queue to kill", missing.Message);
        var wrong = await Assert.ThrowsAsync<XunitException>(() => tenant.Queue("work").ShouldHaveDepth(1));
        Assert.StartsWith("queue 'work' in vhost 'tenant': expected 1 messages waiting", wrong.Message);
        var none = await Assert.ThrowsAsync<ConnectionException>(() => Broker.In("nowhere").DeclareQueue("work"));
        Assert.Equal(ReplyCode.NotAllowed, none.Code);
    }
}
