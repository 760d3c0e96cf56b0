using ActorBroker.Addresses;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Journal;
using Akka.Actor;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>The store fails, waits, or the process is killed. What was confirmed must be there afterwards.</summary>
public sealed class StoreSabotageSpec : SabotageSpec
{
    private const string Lost = "expected 2 messages waiting, but 1 messages wait";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_keeps_persistent_messages_in_memory_is_caught_by_a_crash(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        Distortion.Of(
            Broker, "work", m => isWrong && m is EnqueueBatch batch ? Copy(batch, batch.Confirm, MessageFlags.Persistent) : m);
        await Judge(isWrong, "expected 1 messages waiting, but 0 messages wait", async () =>
        {
            await Broker.Publish("", "work", "job");
            await Broker.CrashAndRestartAsync();
            await Broker.Queue("work").ShouldHaveDepth(1);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_confirms_before_it_has_written_is_caught_by_a_write_that_is_held(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        ConfirmEarly(isWrong);
        await Judge(isWrong, "confirmed, and not written", async () =>
        {
            Broker.Store.HoldWrites();
            var publish = Broker.Client.PublishAsync("", "work", "job"u8.ToArray());
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(4));
            Assert.False(publish.IsCompleted, "confirmed, and not written");
            Broker.Store.Release();
            await publish;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_confirms_before_it_has_written_is_caught_when_the_second_write_fails(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        ConfirmEarly(isWrong);
        await Judge(isWrong, Lost, TheSecondWriteFails);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_takes_a_failed_write_for_done_is_caught_when_the_second_write_fails(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        var group = Distortion.Find(Broker, "work").Group;
        Broker.Running.System.EventStream.Subscribe(
            new Distortion(group, m => isWrong && m is PublisherAlarm { IsOn: true } ? new LogProtocol.Written(2) : null), typeof(PublisherAlarm));
        await Judge(isWrong, Lost, TheSecondWriteFails);
    }

    private async Task TheSecondWriteFails()
    {
        Broker.Store.FailWrites(from: 2);
        var publishes = new List<Task>();
        foreach (var body in new[] { "first", "second" })
        {
            publishes.Add(Broker.Client.PublishAsync("", "work", System.Text.Encoding.UTF8.GetBytes(body)));
            await Clock.AtRestAsync();
        }

        var confirmed = publishes.Count(p => p.IsCompletedSuccessfully);
        Assert.Equal(1, Broker.Store.Failed);
        await Broker.CrashAndRestartAsync(); // before it is tried again
        await Broker.Queue("work").ShouldHaveDepth(confirmed);
    }

    private void ConfirmEarly(bool isWrong) => Distortion.Of(Broker, "work", m =>
    {
        if (!isWrong || m is not EnqueueBatch batch)
        {
            return m;
        }

        var unconfirmed = Copy(batch, confirm: null, MessageFlags.None);
        batch.Answer();
        return unconfirmed;
    });

    private static EnqueueBatch Copy(EnqueueBatch batch, ConfirmBatch? confirm, MessageFlags without)
    {
        var copy = new EnqueueBatch(batch.Queue, publisher: null, confirm);
        for (var i = 0; i < batch.Count; i++)
        {
            var message = batch.Messages[i];
            message.Flags &= ~without;
            copy.Add(message, batch.TagOf(i));
        }

        return copy;
    }
}
