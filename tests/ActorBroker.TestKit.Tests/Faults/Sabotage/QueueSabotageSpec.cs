using System.Runtime.CompilerServices;
using ActorBroker.Addresses;
using ActorBroker.Client;
using ActorBroker.TestKit.Leaks;
using ActorBroker.TestKit.Scenarios;
using Akka.Actor;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>A queue is killed, or a consumer dies.</summary>
public sealed class QueueSabotageSpec : SabotageSpec
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_that_begins_anew_without_its_log_is_caught_when_it_is_killed(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        Distortion.OfLog(Broker, "work", m => isWrong && m is StoredContents contents ? contents with { Count = 0, BodyBytes = 0 } : m);
        await Judge(isWrong, "expected 1 messages waiting, but 0 messages wait", async () =>
        {
            await Broker.Publish("", "work", "job");
            await Broker.Queue("work").KillAsync();
            await Broker.Queue("work").ShouldHaveDepth(1);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_that_begins_anew_and_does_not_tell_its_consumers_is_caught_when_it_is_killed(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        await Judge(isWrong, "is still a consumer", async () =>
        {
            var consumer = await Broker.Consume("work");
            var link = Link(consumer);
            link.Actor = new Distortion(link.Actor, m => isWrong && m is QueueProtocol.QueueGone ? null : m);
            await Broker.Queue("work").KillAsync();
            Assert.True(consumer.Consumer.Completion.IsCompleted, "it believes that it is still a consumer");
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_does_not_watch_its_consumers_is_caught_when_one_dies_and_what_it_held_is_named(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        ref var client = ref ActorOf((BrokerClient)Broker.Running.Client);
        client = new Distortion(client, m => isWrong && m is ClientProtocol.Start start ? start with { Owner = null } : m);
        await Judge(isWrong, "its consumer is dead, and the broker has not noticed", async () =>
        {
            var consumer = await HoldOne();
            await consumer.KillAsync();
            await Broker.Queue("work").ShouldHaveUnacked(0);
        });
        await ShouldName(isWrong);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_does_not_tell_the_queue_is_caught_when_a_consumer_dies_and_what_it_held_is_named(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        Distortion.Of(Broker, "work", m => isWrong && m is QueueProtocol.ChannelGone ? null : m);
        await Judge(isWrong, "expected 0 messages unacked, but 0 messages wait, 1 are unacked", async () =>
        {
            var consumer = await HoldOne();
            await consumer.KillAsync();
            await Broker.Queue("work").ShouldHaveUnacked(0);
        });
        await ShouldName(isWrong);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_actor")]
    private static extern ref IActorRef ActorOf(BrokerClient client);

    private static ConsumerLink Link(ConsumerProbe consumer) => ((ClientConsumer)consumer.Consumer).Link;

    private async Task<ConsumerProbe> HoldOne()
    {
        var consumer = await Broker.Consume("work", prefetch: 1);
        await Broker.Publish("", "work", "job");
        await consumer.ExpectDeliveryAsync("job");
        return consumer;
    }

    private async Task ShouldName(bool isLeft)
    {
        var left = await TestKit.Leaks.LeakHunt.Run(Broker, LeakKinds.Unacked);
        Assert.Equal(isLeft, left.Any(l => l.StartsWith("1 unacked in queue 'work'", StringComparison.Ordinal)));
    }
}
