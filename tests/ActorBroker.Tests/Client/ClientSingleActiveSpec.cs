using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Client;

/// <summary>A single active consumer inside the process ends in one of the ways it can: the next one begins with what it held.</summary>
public sealed class ClientSingleActiveSpec : BrokerSpec
{
    private static readonly QueueOptions Single = new() { Durable = false, SingleActiveConsumer = true };

    [Theory]
    [InlineData("disposed")]
    [InlineData("cancelled and disposed")]
    [InlineData("its actor stops")]
    [InlineData("two of one actor")]
    public async Task The_next_one_begins_with_what_it_held(string how)
    {
        await Broker.Client.DeclareQueueAsync("q", Single);
        var owner = CreateTestProbe();
        var first = await Broker.Client.ConsumeAsync("q", owner.Ref, new ConsumerOptions { Prefetch = 2 });
        if (how == "two of one actor")
        {
            await Broker.Client.ConsumeAsync("q", owner.Ref, new ConsumerOptions { Prefetch = 2 });
        }

        var next = CreateTestProbe();
        await Broker.Client.ConsumeAsync("q", next.Ref);
        for (var i = 0; i < 4; i++)
        {
            await Broker.Client.PublishAsync("", "q", new[] { (byte)('0' + i) });
        }

        Assert.Equal(["0", "1"], new[] { owner.ExpectMsg<Delivery>().Text, owner.ExpectMsg<Delivery>().Text });
        switch (how)
        {
            case "disposed":
                await first.DisposeAsync();
                break;
            case "cancelled and disposed":
                _ = first.CancelAsync();
                await first.DisposeAsync();
                break;
            default:
                Sys.Stop(owner.Ref);
                break;
        }

        var got = new List<string>();
        while (got.Count < 4)
        {
            var delivery = next.ExpectMsg<Delivery>();
            got.Add($"{delivery.Text} {delivery.Redelivered}");
            delivery.Ack();
        }

        Assert.Equal(["0 True", "1 True", "2 False", "3 False"], got);
    }

    /// <summary>Cancelled before it was let in: its queue hears of the end first.</summary>
    [Fact]
    public async Task One_that_nobody_waited_for_does_not_stay_active()
    {
        await Broker.Client.DeclareQueueAsync("q", Single);
        for (var i = 0; i < 20; i++)
        {
            using var given = new CancellationTokenSource();
            var consuming = Broker.Client.ConsumeAsync("q", CreateTestProbe().Ref, cancellation: given.Token);
            await given.CancelAsync();
            try
            {
                await (await consuming).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // as it should
            }
        }

        var end = DateTime.UtcNow + Patience;
        while ((await Broker.Client.InspectQueueAsync("q")).Consumers > 0)
        {
            Assert.True(DateTime.UtcNow < end, $"waited {Patience} for the last consumer to go");
            await Task.Yield();
        }
    }
}
