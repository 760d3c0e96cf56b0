using ActorBroker.TestKit.Leaks;
using Xunit.Sdk;

namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>Scenarios that hold for the broker, and fail when it is wrong.</summary>
public sealed class SabotageSpec() : BrokerTestKit(journaled: true)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_confirms_what_it_did_not_write_is_caught_by_a_crash(bool isWrong) =>
        await Judge<XunitException>(isWrong, () => Broker.Store.Lies = isWrong, async () =>
        {
            await Broker.Publish("", "work", "job");
            await Broker.CrashAndRestartAsync();
            await Broker.Queue("work").ShouldHaveDepth(1);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_writes_after_it_has_confirmed_is_caught_by_a_write_that_fails(bool isWrong) =>
        await Judge<TrueException>(isWrong, () => Broker.Store.Lies = isWrong, async () =>
        {
            Broker.Store.HoldWrites();
            Broker.Store.FailWrites(count: 2);
            var publish = Broker.Publish("", "work", "job");
            Broker.Store.Release();
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
            await publish;
            await Broker.CrashAndRestartAsync();
            Assert.True(await Broker.Queue("work").DepthAsync() == 1, "it is lost");
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_that_loses_what_was_confirmed_is_caught_when_it_is_killed(bool isWrong) =>
        await Judge<XunitException>(isWrong, () => { }, async () =>
        {
            await Broker.Publish("", "work", "job");
            await Broker.Queue("work").KillAsync();
            if (isWrong)
            {
                await Broker.Client.PurgeQueueAsync("work"); // a restart that forgets its log
            }

            var consumer = await Broker.Consume("work");
            (await consumer.ExpectDeliveryAsync("job", TimeSpan.FromSeconds(isWrong ? 0.2 : 10))).Ack();
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_does_not_block_publishers_is_caught_by_the_memory_alarm(bool isWrong) =>
        await Judge<FalseException>(isWrong, () => { }, async () =>
        {
            await Broker.RaiseMemoryAlarm();
            if (isWrong)
            {
                Broker.Running.Alarms.Clear(Broker.Running.Memory);
            }

            var publish = Broker.Publish("", "work", "job");
            await Clock.AdvanceAsync(TimeSpan.FromMilliseconds(1));
            var gotThrough = await Task.WhenAny(publish, Task.Delay(isWrong ? 5000 : 50)) == publish;
            await Broker.ClearMemoryAlarm();
            await publish;
            Assert.False(gotThrough);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_does_not_notice_the_death_of_a_consumer_is_caught_and_what_it_held_is_named(bool isWrong)
    {
        await Judge<XunitException>(isWrong, () => { }, async () =>
        {
            var consumer = await Broker.Consume("work", prefetch: 1);
            await Broker.Publish("", "work", "job");
            await consumer.ExpectDeliveryAsync("job");
            if (!isWrong)
            {
                await consumer.KillAsync(); // a broker that does not notice has the same before it
            }

            await Broker.Queue("work").ShouldHaveUnacked(0);
        });
        if (isWrong)
        {
            Assert.Contains(await TestKit.Leaks.LeakHunt.Run(Broker, LeakKinds.Unacked), l => l.StartsWith("1 unacked in queue 'work'", StringComparison.Ordinal));
        }
    }

    private async Task Judge<TFailure>(bool isWrong, Action sabotage, Func<Task> scenario)
        where TFailure : Exception
    {
        await Broker.DeclareQueue("work");
        sabotage();
        if (isWrong)
        {
            LeakHunt = LeakKinds.None;
            await Assert.ThrowsAnyAsync<TFailure>(scenario);
        }
        else
        {
            await scenario();
        }
    }
}
