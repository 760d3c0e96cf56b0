using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A group whose log another process writes to stops writing, confirms nothing, and lets nobody wait.</summary>
public sealed class EndedGroupSpec : StoredBrokerSpec
{
    [Fact]
    public async Task Publishes_are_refused()
    {
        var queue = await Declare();
        await Publish(queue, 1);
        WriteBehindItsBack();
        Assert.Equal(2, (await Publish(queue, 2, 3)).Length);
        Assert.True(Broker.Alarms.IsOn);
        Assert.Single(await Publish(queue, 4));
        Assert.Single(await Publish(await Declare("new"), 1));
        Assert.False(await Broker.StopAsync(Patience));
    }

    [Fact]
    public async Task Consumers_are_let_in_and_transactions_fail()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2, 3);
        var consumer = Consume(queue);
        await consumer.Subscribed();
        await consumer.Deliveries(3);
        WriteBehindItsBack();
        foreach (var number in new[] { 1, 2 }) // the first one ends the group
        {
            var commit = new Confirm();
            consumer.Settle(Outcome.Ack, number, number, commit);
            commit.Done();
            await commit.Answer.WaitAsync(Patience);
            Assert.True(commit.HasFailed);
        }

        await Consume(await Declare("new")).Subscribed();
    }

    [Fact]
    public async Task A_consumer_that_waits_for_the_write_that_ends_it_is_let_in()
    {
        var queue = await Declare();
        await Publish(queue, 1);
        WriteBehindItsBack();
        await Consume(queue).Subscribed();
    }

    [Fact]
    public async Task A_stop_that_waits_for_the_write_that_ends_it_is_answered()
    {
        var queue = await Declare();
        await Publish(queue, 1);
        var held = Store.HoldWrites();
        var publish = Publish(queue, 2);
        await held;
        var stop = Broker.StopAsync(Patience);
        Store.Release();
        Assert.True(await stop);
        Assert.Empty(await publish);
        WriteBehindItsBack();
        var refused = Publish(queue, 3);
        Assert.False(await Broker.StopAsync(Patience));
        Assert.Single(await refused);
    }

    [Fact]
    public async Task Gets_beyond_what_is_in_memory_are_answered()
    {
        await Restart(clean: true, settings: "actor-broker.memory.queue = 64KiB");
        var queue = await Declare();
        await Fill(queue, 200);
        var getter = new StoredConsumer(Broker.System, queue, 0, noAck: true, getsOnly: true);
        Assert.True((await getter.Get()).Found);
        WriteBehindItsBack();
        Assert.Single(await Publish(queue, 201));
        await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => getter.Get())); // found or not: answered
        Assert.False((await getter.Get()).Found);
    }
}
