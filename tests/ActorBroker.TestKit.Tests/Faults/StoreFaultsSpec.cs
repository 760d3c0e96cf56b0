using ActorBroker.Amqp;
using System.Diagnostics;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>A journal that fails, waits, or is down.</summary>
public sealed class StoreFaultsSpec(ITestOutputHelper output) : BrokerTestKit(output, journaled: true)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_write_that_fails_is_tried_again_and_confirmed_late()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.FailWrites(from: 2, count: 2);
        await Broker.Publish("", "work", "first");
        var second = Broker.Publish("", "work", "second");
        await Clock.AtRestAsync();
        Assert.False(second.IsCompleted);
        var real = Stopwatch.StartNew();
        await Clock.AdvanceAsync(Second); // 200 ms, then 400 ms
        await second.WaitAsync(5 * Second);
        Assert.Equal(2, Broker.Store.Failed);
        Assert.True(real.Elapsed < Second, $"took {real.Elapsed}");
        await Broker.CrashAndRestartAsync();
        await Broker.Queue("work").ShouldHaveDepth(2);
    }

    [Fact]
    public async Task A_store_that_is_down_blocks_publishers_until_it_is_up()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.Down();
        var publish = Broker.Publish("", "work", "job");
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(10)); // pauses of up to 10 s
        Assert.False(publish.IsCompleted);
        Assert.True(Broker.Running.Alarms.IsOn);
        Broker.Store.Up();
        await Clock.AdvanceAsync(11 * Second);
        await publish.WaitAsync(5 * Second);
        Assert.False(Broker.Running.Alarms.IsOn);
    }

    [Fact]
    public async Task A_get_that_the_store_does_not_let_out_is_refused_after_some_seconds()
    {
        await Broker.DeclareQueue("work");
        await Broker.Publish("", "work", "job");
        Broker.Store.HoldWrites();
        var got = Broker.Get("work");
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.False(got.IsCompleted);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(2));
        var refusal = await Assert.ThrowsAsync<ChannelException>(() => got.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(ReplyCode.PreconditionFailed, refusal.Code);
        Assert.Contains("the store has not answered for 5 s", refusal.Message);

        Broker.Store.Release();
        var job = (await Broker.Get("work"))!;
        Assert.Equal(("job", false), (job.Text, job.Redelivered));
        job.Ack();
        LeakHunt &= ~TestKit.Leaks.LeakKinds.Faults; // the store has said that it did not answer
    }

    [Fact]
    public async Task A_write_that_is_held_confirms_nothing_until_it_is_released()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.HoldWrites();
        var publish = Broker.Publish("", "work", "job");
        await Clock.AdvanceAsync(4 * Second);
        Assert.False(publish.IsCompleted);
        Assert.False(Broker.Running.Alarms.IsOn);
        await Clock.AdvanceAsync(3 * Second); // over 5 s: the store does not answer
        Assert.True(Broker.Running.Alarms.IsOn);
        Broker.Store.Release();
        await publish.WaitAsync(5 * Second);
        LeakHunt &= ~TestKit.Leaks.LeakKinds.Faults; // it has said so
    }
}
