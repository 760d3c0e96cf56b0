using System.Collections.Concurrent;
using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Tests.Support;
using Akka.Event;
using Akka.TestKit;

namespace ActorBroker.Tests.Client;

/// <summary>Handlers: those that throw, those that take long, and what becomes of what they have not begun.</summary>
public sealed class HandlerSpec : BrokerSpec
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(1100);

    private readonly ConcurrentQueue<(string Text, int Count)> _seen = new();

    private IBroker Client => Broker.Client;

    [Fact]
    public async Task A_message_that_its_handler_throws_on_waits_longer_each_time()
    {
        await Client.DeclareQueueAsync("q");
        await Client.ConsumeAsync("q", Failing(_ => true));
        await Publish("q", "poison");
        foreach (var pause in new[] { 100, 200, 400, 800, 1600 })
        {
            await Paused(pause);
            Assert.Equal(new QueueInfo("q", 0, 1, 1), await Client.InspectQueueAsync("q")); // still the consumer's: its end gives it back
            Pass(TimeSpan.FromMilliseconds(pause));
        }

        await Seen(6);
        Assert.Equal([0, 1, 2, 3, 4, 5], _seen.Select(s => s.Count));
    }

    [Fact]
    public async Task The_log_hears_of_it_once_and_then_every_ten_seconds_with_a_count()
    {
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log, typeof(Warning));
        await Client.DeclareQueueAsync("q");
        await Client.ConsumeAsync("q", Failing(_ => true), new ConsumerOptions { RetryDelay = Often, MaxRetryDelay = Often });
        await Publish("q", "poison");
        var first = await log.ExpectMsgAsync<Warning>();
        Assert.Equal("the handler of queue 'q' failed (try 1, it goes back to the queue in 1.1 s): InvalidOperationException: not poison", $"{first.Message}");
        Assert.IsType<InvalidOperationException>(first.Cause);
        for (var i = 2; i <= 10; i++)
        {
            await Paused(1100);
            Pass(Often);
            await Seen(i);
        }

        await Paused(1100);
        Assert.False(log.HasMessages);
        Pass(TimeSpan.FromMilliseconds(100)); // 10 s are over
        var second = await log.ExpectMsgAsync<Warning>();
        Assert.StartsWith("the handler of queue 'q' failed 9 times in 10 s, at last (try 10, ", $"{second.Message}");
        Assert.Null(second.Cause); // its stack trace was there
    }

    [Fact]
    public async Task What_cannot_be_handled_is_dead_lettered_where_there_is_a_place_for_it()
    {
        await Client.DeclareQueueAsync("dead");
        await Client.DeclareQueueAsync("q", new QueueOptions { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        await Client.ConsumeAsync("q", Failing(_ => true), new ConsumerOptions { MaxTries = 3, RetryDelay = TimeSpan.Zero });
        await Publish("q", "poison");
        await Until(async () => (await Client.InspectQueueAsync("dead")).Ready == 1, "the dead letter");
        Assert.Equal(3, _seen.Count);
        Assert.Equal("poison", (await Client.GetAsync("dead", autoAck: true))!.Text);
    }

    [Theory]
    [InlineData(null)] // no dead-letter exchange
    [InlineData("missing")] // it is not there
    [InlineData("amq.fanout")] // nothing is bound to it
    public async Task Without_a_place_for_dead_letters_it_is_tried_for_ever(string? exchange)
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { DeadLetterExchange = exchange });
        await Client.ConsumeAsync("q", Failing(_ => true), new ConsumerOptions { MaxTries = 2, MaxRetryDelay = Often });
        await Publish("q", "poison");
        foreach (var pause in new[] { 100, 200, 400, 800, 1100, 1100 })
        {
            await Paused(pause);
            Pass(TimeSpan.FromMilliseconds(pause));
        }

        await Seen(7);
    }

    [Fact]
    public async Task Others_go_on_meanwhile_and_the_end_of_the_consumer_gives_it_back()
    {
        await Client.DeclareQueueAsync("q");
        var consumer = await Client.ConsumeAsync("q", Failing(t => t == "poison"), new ConsumerOptions { Prefetch = 2 });
        foreach (var text in new[] { "a", "poison", "b", "c" })
        {
            await Publish("q", text);
        }

        await Seen(4);
        await AtRest("q", unacked: 1);
        await Soon(consumer.CancelAsync(), "the cancel");
        await AtRest("q", ready: 1);
        var back = await Client.GetAsync("q", autoAck: true);
        Assert.Equal(("poison", true), (back!.Text, back.Redelivered));
        Pass(TimeSpan.FromMinutes(1)); // its timer is gone, too
    }

    [Fact]
    public async Task A_prefetch_of_one_keeps_the_order()
    {
        await Client.DeclareQueueAsync("q");
        await Client.ConsumeAsync("q", Failing((text, count) => text == "1" && count == 0), new ConsumerOptions { Prefetch = 1 });
        foreach (var text in new[] { "0", "1", "2" })
        {
            await Publish("q", text);
        }

        await Seen(2);
        await Paused(100);
        await AtRest("q", ready: 1, unacked: 1);
        Pass(TimeSpan.FromMilliseconds(100));
        await Seen(4);
        Assert.Equal(["0", "1", "1", "2"], _seen.Select(s => s.Text));
    }

    [Fact]
    public async Task A_cancel_gives_back_what_is_not_begun_and_lets_the_handler_finish()
    {
        await Client.DeclareQueueAsync("q");
        var asked = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var consumer = await Client.ConsumeAsync("q", async (delivery, token) =>
        {
            _seen.Enqueue((delivery.Text, delivery.DeliveryCount));
            using var registration = token.Register(asked.SetResult);
            begun.TrySetResult();
            await finish.Task;
        });
        foreach (var i in Enumerable.Range(0, 10))
        {
            await Publish("q", $"{i}");
        }

        await Soon(begun.Task, "the first message");
        await AtRest("q", unacked: 10);
        var cancel = consumer.CancelAsync();
        await Soon(asked.Task, "the handler's token");
        await AtRest("q", ready: 9, unacked: 1);
        Assert.False(cancel.IsCompleted);
        Assert.Equal("1", (await Client.GetAsync("q", autoAck: true))!.Text); // in its order
        finish.SetResult();
        await Soon(cancel, "the cancel");
        await AtRest("q", ready: 8);
        Assert.Single(_seen);
    }

    [Fact]
    public async Task The_next_single_active_consumer_gets_what_was_given_back_first()
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { SingleActiveConsumer = true });
        var begun = new TaskCompletionSource();
        var first = await Client.ConsumeAsync("q", async (_, token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        }, new ConsumerOptions { Prefetch = 3 });
        foreach (var i in Enumerable.Range(0, 6))
        {
            await Publish("q", $"{i}");
        }

        await Soon(begun.Task, "the first message");
        await Client.ConsumeAsync("q", delivery =>
        {
            _seen.Enqueue((delivery.Text, delivery.DeliveryCount));
            return Task.CompletedTask;
        }, new ConsumerOptions { Prefetch = 1 });
        await Soon(first.CancelAsync(), "the cancel");
        await Seen(6);
        Assert.Equal(["1", "2", "3", "4", "5"], _seen.Select(s => s.Text).Where(t => t != "0"));
    }

    [Fact]
    public async Task A_drain_works_off_what_was_delivered_until_it_is_called_off()
    {
        await Client.DeclareQueueAsync("q");
        var next = new SemaphoreSlim(0);
        var consumer = await Client.ConsumeAsync("q", async (delivery, token) =>
        {
            _seen.Enqueue((delivery.Text, delivery.DeliveryCount));
            await next.WaitAsync(token);
        }, new ConsumerOptions { Prefetch = 5 });
        foreach (var i in Enumerable.Range(0, 8))
        {
            await Publish("q", $"{i}");
        }

        await Seen(1);
        using var enough = new CancellationTokenSource();
        var drain = consumer.CancelAsync(drain: true, enough.Token);
        next.Release(2);
        await Seen(3);
        await AtRest("q", ready: 3, unacked: 3);
        Assert.False(drain.IsCompleted);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain);
        await Soon(consumer.Completion, "the end");
        await AtRest("q", ready: 6);
        Assert.Equal(["0", "1", "2"], _seen.Select(s => s.Text));
    }

    [Fact]
    public async Task After_a_stop_nobody_gets_a_delivery_or_a_confirm()
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { Durable = false });
        await using var session = Broker.Open("/");
        var begun = new TaskCompletionSource();
        PublishResult? last = null;
        var consumer = await session.ConsumeAsync("q", async (delivery, token) =>
        {
            _seen.Enqueue((delivery.Text, delivery.DeliveryCount));
            begun.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                last = await session.PublishAsync("", "q", "my last words"u8.ToArray()); // it may come to a good end
            }
        });
        await Publish("q", "0");
        await Publish("q", "1");
        await Soon(begun.Task, "the first message");
        Assert.True(await Soon(Broker.StopAsync(Patience), "the stop"));
        Assert.True(consumer.Completion.IsCompleted);
        Assert.Equal(PublishResult.Confirmed, last);
        Assert.Single(_seen);
        foreach (var client in new[] { Client, session, Broker.Open("/") })
        {
            var gone = await Assert.ThrowsAsync<ConnectionException>(() => client.PublishAsync("", "q", default));
            Assert.Equal((ReplyCode.ConnectionForced, "the broker has been shut down"), (gone.Code, gone.Text));
        }
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_ever_and_confirms_nothing_later()
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { Durable = false });
        var (begun, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        await Client.DeclareQueueAsync("stuck", new QueueOptions { Durable = false });
        await Client.ConsumeAsync("stuck", async _ =>
        {
            begun.SetResult();
            await never.Task;
        });
        await Publish("stuck", "0");
        await Soon(begun.Task, "the message that takes for ever"); // else the stop is over before it can be called off
        Broker.Alarms.Raise(this, "test");
        var held = Publish("q", "0");
        using var now = new CancellationTokenSource();
        var stop = Broker.StopAsync(TimeSpan.FromMinutes(1), now.Token);
        await now.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stop);
        Broker.Alarms.Clear(this);
        var gone = await Assert.ThrowsAsync<ConnectionException>(() => held);
        Assert.Equal(ReplyCode.ConnectionForced, gone.Code);
        never.SetResult();
    }

    private Func<Delivery, Task> Failing(Func<string, bool> fails) => Failing((text, _) => fails(text));

    private Func<Delivery, Task> Failing(Func<string, int, bool> fails) => delivery =>
    {
        _seen.Enqueue((delivery.Text, delivery.DeliveryCount));
        return fails(delivery.Text, delivery.DeliveryCount) ? throw new InvalidOperationException($"not {delivery.Text}") : Task.CompletedTask;
    };

    private Task Seen(int count) => Until(() => Task.FromResult(_seen.Count >= count), $"{count} tries");

    private Task AtRest(string queue, int ready = 0, int unacked = 0) => Until(
        async () => await Client.InspectQueueAsync(queue) is var seen && seen.Ready == ready && seen.Unacked == unacked,
        $"{ready} ready and {unacked} unacked in {queue}");

    private Task Paused(int milliseconds) =>
        Until(() => Task.FromResult(Time.HasTimerIn(TimeSpan.FromMilliseconds(milliseconds))), $"a pause of {milliseconds} ms");

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, $"waited {Patience} for {what}");
            await Task.Yield();
        }
    }

    private Task<PublishResult> Publish(string queue, string text) => Client.PublishAsync("", queue, Encoding.UTF8.GetBytes(text));
}
