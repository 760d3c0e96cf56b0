using System.Runtime.CompilerServices;
using ActorBroker.Amqp.Content;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>Publishers are blocked.</summary>
public sealed class AlarmSabotageSpec : SabotageSpec
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_whose_publishers_do_not_look_at_alarms_is_caught_by_the_memory_alarm(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        LookAway(isWrong);
        await Judge(isWrong, "it got through", async () =>
        {
            await Broker.RaiseMemoryAlarm();
            var publish = Broker.Client.PublishAsync("", "work", "job"u8.ToArray());
            await Clock.AtRestAsync();
            Assert.False(publish.IsCompleted, "it got through");
            await Broker.ClearMemoryAlarm();
            await publish;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_whose_publishers_do_not_look_at_alarms_is_caught_by_a_store_that_is_down(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        await Broker.DeclareQueue("in memory", new QueueOptions { Durable = false });
        LookAway(isWrong);
        await Judge(isWrong, "it got through", async () =>
        {
            Broker.Store.Down();
            var kept = Broker.Client.PublishAsync("", "work", "job"u8.ToArray());
            await Clock.AtRestAsync();
            var transient = Broker.Client.PublishAsync("", "in memory", "job"u8.ToArray(), new BasicProperties { DeliveryMode = 1 });
            await Clock.AtRestAsync();
            Assert.False(transient.IsCompleted, "it got through");
            Broker.Store.Up();
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(11));
            await Task.WhenAll(kept, transient);
        });
    }

    /// <summary>Those who raise alarms have the old ones, publishers ask others.</summary>
    private void LookAway(bool isWrong)
    {
        if (isWrong)
        {
            AlarmsOf(Broker.Running) = new PublisherAlarms(() => { });
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Alarms>k__BackingField")]
    private static extern ref PublisherAlarms AlarmsOf(Broker broker);
}
