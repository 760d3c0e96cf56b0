namespace ActorBroker.TestKit.Tests;

/// <summary>A single active consumer that was cancelled keeps what it holds, and its successor waits for that.</summary>
public sealed class HandoverSpec : BrokerTestKit
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task What_others_settle_does_not_make_the_successor_wait_longer()
    {
        await Broker.DeclareQueue("work", new QueueOptions { SingleActiveConsumer = true });
        var first = await Broker.Consume("work", prefetch: 1);
        await Broker.Publish("", "work", "0");
        var held = await first.ExpectDeliveryAsync("0");
        var second = await Broker.Consume("work", prefetch: 1);
        await first.CancelAsync(); // and forgets what it holds
        for (var i = 1; i <= 4; i++)
        {
            await Broker.Publish("", "work", $"{i}");
        }

        for (var i = 1; i <= 3; i++)
        {
            await Clock.AdvanceAsync(0.9 * Second);
            if (await Broker.Get("work") is { } got)
            {
                got.Ack();
                await Clock.AtRestAsync();
            }
        }

        (await second.ExpectDeliveryAsync()).Ack(); // two seconds are over
        held.Ack();
    }
}
