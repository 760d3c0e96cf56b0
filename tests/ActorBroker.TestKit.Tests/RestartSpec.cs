using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;

namespace ActorBroker.TestKit.Tests;

public sealed class RestartSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task What_was_confirmed_is_there_after_a_crash()
    {
        await Broker.DeclareQueue("work");
        await Broker.Publish("", "work", "kept");
        await Broker.Publish("", "work", "transient", new BasicProperties { DeliveryMode = 1 });

        await Broker.CrashAndRestartAsync();

        await Broker.Queue("work").ShouldHaveDepth(1);
        var consumer = await Broker.Consume("work");
        (await consumer.ExpectDeliveryAsync("kept")).Ack();
        await consumer.ExpectNoDeliveryAsync();
    }

    [Fact]
    public async Task What_was_not_committed_is_lost_in_a_crash_and_its_publisher_is_told()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.HoldWrites();
        var publish = Broker.Publish("", "work", "on its way");
        await Clock.AtRestAsync();
        Assert.False(publish.IsCompleted);

        await Broker.CrashAndRestartAsync();

        await Assert.ThrowsAsync<ConnectionException>(() => publish);
        await Broker.Queue("work").ShouldHaveDepth(0);
    }

    /// <summary>A write that waits must not keep actors from their turns, whichever thread it waits on.</summary>
    [Fact]
    public async Task Held_writes_are_rest_each_time()
    {
        await Broker.DeclareQueue("work");
        for (var i = 0; i < 30; i++)
        {
            Broker.Store.HoldWrites();
            var publish = Broker.Publish("", "work", "on its way");
            await Clock.AtRestAsync();
            Assert.False(publish.IsCompleted);
            Broker.Store.Release();
            await publish;
        }

        await Broker.Queue("work").ShouldHaveDepth(30);
    }

    [Fact]
    public async Task The_port_stays_the_same()
    {
        var port = await Broker.ListenAsync();
        var uri = Broker.AmqpUri;
        await Broker.RestartAsync();
        Assert.Equal(port, await Broker.ListenAsync());
        await Broker.CrashAndRestartAsync();
        Assert.Equal(port, await Broker.ListenAsync());
        Assert.Equal(uri, Broker.AmqpUri);
    }

    [Fact]
    public async Task A_second_broker_has_nothing_of_the_first()
    {
        var other = await StartBrokerAsync("other");
        await Broker.DeclareQueue("work");
        await Broker.Publish("", "work", "job");
        await other.Queue("work").ShouldBeGone();
        await other.CrashAndRestartAsync();
        await Broker.Queue("work").ShouldHaveDepth(1);
    }
}
