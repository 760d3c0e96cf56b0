using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests;

/// <summary>What a user writes first.</summary>
public sealed class RedeliverySpec(ITestOutputHelper output) : BrokerTestKit(output, journaled: true)
{
    [Fact]
    public async Task What_a_dead_consumer_held_goes_to_the_next()
    {
        await Broker.DeclareQueue("work");
        var first = await Broker.Consume("work", prefetch: 1); // a TestProbe
        await Broker.Publish("", "work", "job");
        await first.ExpectDeliveryAsync("job");
        await first.KillAsync(); // no ack: its connection is gone
        var second = await Broker.Consume("work", prefetch: 1);
        Assert.True((await second.ExpectDeliveryAsync("job")).Redelivered);
        await Clock.AdvanceAsync(TimeSpan.FromHours(5)); // nobody is in a hurry
        await Broker.RestartAsync(); // the message is in the journal
        await Broker.Queue("work").ShouldHaveDepth(1);
    }

    /// <summary>Marks are taken back when the last consumer leaves, and must be asked for again when the next one comes.</summary>
    [Fact]
    public async Task What_left_after_the_mark_was_taken_back_is_redelivered_after_a_crash()
    {
        await Broker.DeclareQueue("work");
        var first = await Broker.Consume("work", prefetch: 100);
        await Broker.Publish("", "work", "job 0");
        (await first.ExpectDeliveryAsync("job 0")).Ack();
        await first.CancelAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1)); // that is written at leisure
        await HandOutAndCrash(first: 1);
    }

    /// <summary>A mark that reaches beyond the last number is taken back at a start: numbers are given again.</summary>
    [Fact]
    public async Task What_left_after_a_crash_is_redelivered_after_the_next_one()
    {
        await Broker.DeclareQueue("work");
        var first = await Broker.Consume("work", prefetch: 100);
        await Broker.Publish("", "work", "job 0");
        (await first.ExpectDeliveryAsync("job 0")).Ack();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1)); // acks are written a little later
        await Broker.CrashAndRestartAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        await HandOutAndCrash(first: 1);
    }

    private async Task HandOutAndCrash(int first)
    {
        for (var i = first; i < 20; i++)
        {
            await Broker.Publish("", "work", $"job {i}");
        }

        var second = await Broker.Consume("work", prefetch: 100);
        for (var i = first; i < 20; i++)
        {
            Assert.False((await second.ExpectDeliveryAsync($"job {i}")).Redelivered);
        }

        await Broker.CrashAndRestartAsync();
        var third = await Broker.Consume("work", prefetch: 100);
        for (var i = first; i < 20; i++)
        {
            var again = await third.ExpectDeliveryAsync($"job {i}");
            Assert.True(again.Redelivered, $"job {i} was handed out before the crash");
            again.Ack();
        }
    }
}
