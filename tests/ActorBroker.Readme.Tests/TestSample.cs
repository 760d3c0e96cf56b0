using ActorBroker.TestKit;

namespace ActorBroker.Readme.Tests;

// test
public class RedeliverySpec() : BrokerTestKit(journaled: true)
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
        await Clock.AdvanceAsync(TimeSpan.FromHours(5)); // takes milliseconds
        await Broker.CrashAndRestartAsync();
        await Broker.Queue("work").ShouldHaveDepth(1);
    }
}
// end
