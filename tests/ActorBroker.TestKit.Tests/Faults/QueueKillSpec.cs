
namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>A queue fails and begins anew.</summary>
public sealed class QueueKillSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task A_durable_queue_has_what_was_confirmed_and_not_acked()
    {
        await Broker.DeclareQueue("work");
        var consumer = await Broker.Consume("work", prefetch: 2);
        for (var i = 0; i < 5; i++)
        {
            await Broker.Publish("", "work", $"job {i}");
        }

        (await consumer.ExpectDeliveryAsync("job 0")).Ack();
        var held = await consumer.ExpectDeliveryAsync("job 1");
        await Broker.Queue("work").KillAsync();

        await consumer.ExpectCancelledAsync();
        await Broker.Queue("work").ShouldHaveConsumers(0);
        await Broker.Queue("work").ShouldHaveDepth(4);
        held.Ack(); // too late: it is ready again
        await Broker.Publish("", "work", "job 5");
        var next = await Broker.Consume("work");
        for (var i = 1; i <= 5; i++)
        {
            var delivery = await next.ExpectDeliveryAsync($"job {i}");
            Assert.Equal(i < 3, delivery.Redelivered); // 1 and 2 were held; 3 and 4 never left the queue
            delivery.Ack();
        }

        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1)); // acks are written a little later
        await Broker.CrashAndRestartAsync();
        await Broker.Queue("work").ShouldHaveDepth(0);
    }

    [Fact]
    public async Task Publishes_meanwhile_are_answered_and_kept()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.HoldWrites();
        var before = Broker.Publish("", "work", "before");
        await Clock.AtRestAsync();
        await Broker.Queue("work").KillAsync();
        var after = Broker.Publish("", "work", "after");
        var got = Broker.Get("work");
        await Clock.AtRestAsync();
        Assert.False(before.IsCompleted || after.IsCompleted || got.IsCompleted);

        Broker.Store.Release();
        var patience = TimeSpan.FromSeconds(10);
        await Task.WhenAll(before, after, got).WaitAsync(patience);
        Assert.Equal("before", (await got)!.Text);
        (await got)!.Ack();
        await Broker.Queue("work").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task What_basic_get_took_before_is_ready_again_and_its_number_settles_nothing()
    {
        await Broker.DeclareQueue("work");
        await Broker.Publish("", "work", "job");
        var held = await Broker.Get("work");
        await Broker.Queue("work").KillAsync();
        var again = await Broker.Get("work");
        Assert.Equal("job", again!.Text);
        held!.Ack();
        await Broker.Queue("work").ShouldHaveUnacked(1);
        again.Ack();
        await Broker.Queue("work").ShouldHaveUnacked(0);
    }

    [Fact]
    public async Task A_queue_in_memory_is_empty_and_goes_on()
    {
        await Broker.DeclareQueue("work", new QueueOptions { Durable = false });
        var consumer = await Broker.Consume("work", prefetch: 1);
        await Broker.Publish("", "work", "job");
        await consumer.ExpectDeliveryAsync("job");
        await Broker.Queue("work").KillAsync();
        await consumer.ExpectCancelledAsync();
        await Broker.Queue("work").ShouldHaveDepth(0);
        await Broker.Publish("", "work", "next");
        await Broker.Queue("work").ShouldHaveDepth(1);
    }
}
