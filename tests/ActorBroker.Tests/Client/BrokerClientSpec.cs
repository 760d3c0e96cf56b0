using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.TestKit;

namespace ActorBroker.Tests.Client;

/// <summary>The broker used from inside its process.</summary>
public sealed class BrokerClientSpec : BrokerSpec
{
    private static readonly QueueOptions Transient = new() { Durable = false };

    private IBroker Client => Broker.Client;

    [Fact]
    public async Task What_is_published_is_confirmed_and_can_be_got()
    {
        await Client.DeclareQueueAsync("q");
        Assert.Equal(PublishResult.Confirmed, await Publish("q", "one"));
        await Publish("q", "two");
        Assert.Equal(new QueueInfo("q", 2, 0, 0), await Client.InspectQueueAsync("q"));

        var got = await Client.GetAsync("q");
        Assert.Equal(("one", "", "q", false), (got!.Text, got.Exchange, got.RoutingKey, got.Redelivered));
        Assert.Equal((byte)2, got.Properties.DeliveryMode);
        Assert.Equal(new QueueInfo("q", 1, 1, 0), await Client.InspectQueueAsync("q"));
        got.Ack();
        await Until(async () => (await Client.InspectQueueAsync("q")).Unacked == 0, "the ack to arrive");
        Assert.Equal("two", (await Client.GetAsync("q", autoAck: true))!.Text);
        Assert.Null(await Client.GetAsync("q"));
    }

    [Fact]
    public async Task Properties_and_headers_arrive_and_a_headers_exchange_looks_at_them()
    {
        await Client.DeclareExchangeAsync("h", "headers");
        await Client.DeclareQueueAsync("red", Transient);
        await Client.BindQueueAsync("red", "h", arguments: new Dictionary<string, object?> { ["x-match"] = "all", ["colour"] = "red" });
        var properties = new BasicProperties { ContentType = "text/plain", Headers = new FieldTable([new("colour", "red"), new("n", 1)]) };
        Assert.Equal(PublishResult.Confirmed, await Client.PublishAsync("h", "", "x"u8.ToArray(), properties, mandatory: true));
        var blue = properties with { Headers = new FieldTable([new("colour", "blue")]) };
        Assert.Equal(PublishResult.Returned, await Client.PublishAsync("h", "", "x"u8.ToArray(), blue, mandatory: true));
        Assert.Equal(PublishResult.Confirmed, await Client.PublishAsync("h", "", "x"u8.ToArray(), blue));
        var got = await Client.GetAsync("red", autoAck: true);
        Assert.Equal(("text/plain", "red", 1), (got!.Properties.ContentType, got.Properties.Headers!["colour"], got.Properties.Headers["n"]));
    }

    [Fact]
    public async Task Errors_are_those_of_the_wire()
    {
        await Client.DeclareQueueAsync("q");
        await Refused(ReplyCode.PreconditionFailed, "inequivalent arg 'durable' for queue 'q' in vhost '/'", () => Client.DeclareQueueAsync("q", Transient));
        await Refused(ReplyCode.NotFound, "no queue 'none' in vhost '/'", () => Client.InspectQueueAsync("none"));
        await Refused(ReplyCode.NotFound, "no queue 'none' in vhost '/'", () => Client.PurgeQueueAsync("none"));
        await Refused(ReplyCode.NotFound, "no queue 'none' in vhost '/'", () => Client.ConsumeAsync("none", TestActor));
        await Refused(ReplyCode.NotFound, "no exchange 'none' in vhost '/'", () => Client.PublishAsync("none", "k", default));
        await Refused(ReplyCode.PreconditionFailed, "invalid expiration 'soon'", () => Client.PublishAsync("", "q", default, new BasicProperties { Expiration = "soon" }));
        await Client.DeclareExchangeAsync("inside", "fanout", new ExchangeOptions { Internal = true });
        await Refused(ReplyCode.AccessRefused, "cannot publish to internal exchange 'inside'", () => Client.PublishAsync("inside", "", default));
        await using var other = Broker.Open("nowhere");
        await Refused(ReplyCode.NotAllowed, "vhost nowhere not found", () => other.DeclareQueueAsync("x"));
        Assert.Equal("prefetch must be 0 (no limit) to 65535", Assert.Throws<ArgumentOutOfRangeException>(() => new ConsumerOptions { Prefetch = -1 }).Message.Split(" (Param")[0]);
    }

    [Fact]
    public async Task A_full_queue_refuses_by_an_exception()
    {
        await Client.DeclareQueueAsync("full", new QueueOptions { MaxLength = 1, Overflow = "reject-publish" });
        await Publish("full", "one");
        var refused = await Assert.ThrowsAsync<PublishRefusedException>(() => Publish("full", "two"));
        Assert.Equal(("", "full"), (refused.Exchange, refused.RoutingKey));
        Assert.Equal(1, await Client.PurgeQueueAsync("full"));
        await Publish("full", "three");
    }

    [Fact]
    public async Task An_actor_consumes_within_its_prefetch_and_settles()
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        await Client.DeclareQueueAsync("dead");
        var consumer = await Client.ConsumeAsync("q", TestActor, new ConsumerOptions { Prefetch = 2, Tag = "me" });
        Assert.Equal(("q", "me"), (consumer.Queue, consumer.Tag));
        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Publish("q", $"{i}")));
        var first = await ExpectMsgAsync<Delivery>();
        var second = await ExpectMsgAsync<Delivery>();
        Assert.Equal(("1", "2", "me"), (first.Text, second.Text, second.ConsumerTag));
        await NothingMore();
        second.Nack(requeue: true);
        var again = await ExpectMsgAsync<Delivery>();
        Assert.Equal(("2", true), (again.Text, again.Redelivered));
        first.Reject();
        again.Ack();
        var three = await ExpectMsgAsync<Delivery>();
        var four = await ExpectMsgAsync<Delivery>();
        Assert.Equal(("3", "4"), (three.Text, four.Text));
        Assert.Equal("1", (await Client.GetAsync("dead", autoAck: true))!.Text);
        var twice = Assert.Throws<ChannelException>(first.Ack);
        Assert.Equal((ReplyCode.PreconditionFailed, "unknown delivery tag 1"), (twice.Code, twice.Text));
    }

    [Fact]
    public async Task An_actor_publishes_and_hears_what_became_of_it_as_a_message()
    {
        await Client.DeclareQueueAsync("q");
        var actor = Sys.ActorOf(Props.Create(() => new Relay(Client, TestActor)));
        actor.Tell("q");
        Assert.Equal(PublishResult.Confirmed, await ExpectMsgAsync<PublishResult>());
        Assert.Equal("for q", (await Client.GetAsync("q", autoAck: true))!.Text);
        actor.Tell("nobody");
        Assert.Equal(PublishResult.Returned, await ExpectMsgAsync<PublishResult>());
        await Client.DeclareQueueAsync("full", new QueueOptions { MaxLength = 0, Overflow = "reject-publish" });
        actor.Tell("full");
        Assert.IsType<PublishRefusedException>((await ExpectMsgAsync<Status.Failure>()).Cause);
    }

    [Fact]
    public async Task What_a_dead_actor_held_goes_to_the_next()
    {
        await Client.DeclareQueueAsync("q");
        var first = CreateTestProbe();
        var consumer = await Client.ConsumeAsync("q", first);
        await Publish("q", "job");
        var held = await first.ExpectMsgAsync<Delivery>();
        Sys.Stop(first);
        await Soon(consumer.Completion, "the consumer to end with its actor");
        var second = CreateTestProbe();
        await Client.ConsumeAsync("q", second);
        var again = await second.ExpectMsgAsync<Delivery>();
        Assert.Equal(("job", true), (again.Text, again.Redelivered));
        Assert.Throws<ChannelException>(held.Ack);
        again.Ack();
    }

    [Fact]
    public async Task A_handler_that_returns_acks_and_one_that_throws_requeues()
    {
        await Client.DeclareQueueAsync("q");
        var seen = new List<(string, bool)>();
        var done = new TaskCompletionSource();
        await using var consumer = await Client.ConsumeAsync("q", delivery =>
        {
            seen.Add((delivery.Text, delivery.Redelivered));
            if (delivery is { Text: "b", Redelivered: false })
            {
                throw new InvalidOperationException("not now");
            }

            if (delivery.Text == "c")
            {
                done.SetResult();
            }

            return Task.CompletedTask;
        }, new ConsumerOptions { Prefetch = 1 });
        foreach (var text in new[] { "a", "b", "c" })
        {
            await Publish("q", text);
        }

        await Until(() => Task.FromResult(Time.HasTimerIn(TimeSpan.FromMilliseconds(100))), "the pause after the failure");
        Pass(TimeSpan.FromMilliseconds(100));
        await Soon(done.Task, "the last message");
        Assert.Equal([("a", false), ("b", false), ("b", true), ("c", false)], seen);
        await Until(async () => await Client.InspectQueueAsync("q") is { Ready: 0, Unacked: 0 }, "all to be acked");
    }

    [Fact]
    public async Task A_slow_handler_with_automatic_acks_holds_the_rest_back_in_the_queue()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var gate = new TaskCompletionSource();
        var handled = 0;
        await using var consumer = await Client.ConsumeAsync(
            "q",
            async _ =>
            {
                await gate.Task;
                handled++;
            },
            new ConsumerOptions { AutoAck = true });
        var body = new byte[1000];
        var all = Enumerable.Range(0, 20_000).Select(_ => Client.PublishAsync("", "q", body, BasicProperties.Empty)).ToArray();
        await Soon(Task.WhenAll(all), "all confirms");
        Assert.InRange((await Client.InspectQueueAsync("q")).Ready, 10_000, 19_999);
        gate.SetResult();
        await Until(async () => (await Client.InspectQueueAsync("q")).Ready == 0 && Volatile.Read(ref handled) == all.Length, "the queue to drain");
    }

    [Fact]
    public async Task A_consumer_hears_that_its_queue_is_gone_and_can_be_cancelled()
    {
        await Client.DeclareQueueAsync("q");
        var gone = await Client.ConsumeAsync("q", TestActor);
        await Client.DeleteQueueAsync("q");
        Assert.Same(gone, (await ExpectMsgAsync<ConsumerEnded>()).Consumer);
        await Soon(gone.Completion, "its end");

        await Client.DeclareQueueAsync("r");
        var consumer = await Client.ConsumeAsync("r", TestActor);
        await Publish("r", "held");
        var held = await ExpectMsgAsync<Delivery>();
        await Soon(consumer.CancelAsync(), "the cancel");
        await ExpectMsgAsync<ConsumerEnded>();
        await Publish("r", "stays");
        Assert.Equal(new QueueInfo("r", 1, 1, 0), await Client.InspectQueueAsync("r"));
        held.Ack(); // still its own
        await Until(async () => (await Client.InspectQueueAsync("r")).Unacked == 0, "the ack");
    }

    [Fact]
    public async Task A_client_that_is_disposed_gives_everything_back()
    {
        var other = Broker.Open("/");
        await other.DeclareQueueAsync("mine", new QueueOptions { Exclusive = true });
        await Refused(ReplyCode.ResourceLocked, "cannot obtain exclusive access to locked queue 'mine'", () => Client.InspectQueueAsync("mine"));
        await Client.DeclareQueueAsync("q");
        await Publish("q", "x");
        await Publish("q", "y");
        await other.ConsumeAsync("q", TestActor, new ConsumerOptions { Prefetch = 1 });
        await ExpectMsgAsync<Delivery>();
        Assert.NotNull(await other.GetAsync("q"));
        await other.DisposeAsync();
        await Until(async () => await Client.InspectQueueAsync("q") is { Ready: 2, Unacked: 0, Consumers: 0 }, "what it held to come back");
        await Refused(ReplyCode.NotFound, "no queue 'mine'", () => Client.InspectQueueAsync("mine"));
        await Refused(ReplyCode.ConnectionForced, "shut down", () => other.DeclareQueueAsync("late"));
    }

    [Fact]
    public async Task What_was_got_from_many_queues_comes_back_when_the_client_is_disposed()
    {
        var other = Broker.Open("/");
        for (var i = 0; i < 200; i++)
        {
            await Client.DeclareQueueAsync($"q{i}");
            await Publish($"q{i}", "x");
            Assert.NotNull(await other.GetAsync($"q{i}"));
        }

        await other.DisposeAsync();
        for (var i = 0; i < 200; i++)
        {
            var name = $"q{i}";
            await Until(async () => await Client.InspectQueueAsync(name) is { Ready: 1, Unacked: 0 }, $"the message of {name} to come back");
        }
    }

    [Fact]
    public async Task Nothing_of_a_client_is_left_whatever_it_does_while_it_is_disposed()
    {
        await Client.DeclareQueueAsync("q");
        await Publish("q", "x");
        for (var i = 0; i < 50; i++)
        {
            var other = Broker.Open("/");
            var name = $"mine{i}";
            await other.InspectQueueAsync("q");
            var doings = new Func<Task>[]
            {
                () => other.DeclareQueueAsync(name, new QueueOptions { Exclusive = true }),
                () => other.GetAsync("q"),
                () => other.ConsumeAsync("q", _ => Task.CompletedTask, new ConsumerOptions { Prefetch = 1 }),
                () => other.DisposeAsync().AsTask(),
            };
            try
            {
                await Task.WhenAll(doings.Select(d => Task.Run(d))).WaitAsync(Patience);
            }
            catch (ConnectionException refused)
            {
                Assert.Equal(ReplyCode.ConnectionForced, refused.Code);
            }

            await Refused(ReplyCode.NotFound, $"no queue '{name}'", () => Client.InspectQueueAsync(name));
            await Until(async () => await Client.InspectQueueAsync("q") is { Ready: 1, Unacked: 0, Consumers: 0 }, "what it held to come back");
        }
    }

    [Fact]
    public async Task An_alarm_holds_publishers_back_and_they_go_on_in_order()
    {
        await Client.DeclareQueueAsync("q");
        Broker.Alarms.Raise(this, "test");
        var waiting = Enumerable.Range(0, 50).Select(i => Publish("q", $"{i}")).ToArray();
        Assert.Equal(0, (await Client.InspectQueueAsync("q")).Ready);
        using var impatient = new CancellationTokenSource();
        var cancelled = Client.PublishAsync("", "q", "never"u8.ToArray(), cancellation: impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Broker.Alarms.Clear(this);
        await Soon(Task.WhenAll(waiting), "the confirms");
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal($"{i}", (await Client.GetAsync("q", autoAck: true))!.Text);
        }

        Assert.Null(await Client.GetAsync("q"));
    }

    [Fact]
    public async Task A_request_gets_its_reply_without_a_queue_or_ends_in_virtual_time()
    {
        await Client.DeclareQueueAsync("rpc", Transient);
        await using var server = await Client.ConsumeAsync("rpc", async request =>
        {
            if (request.Text != "silence")
            {
                var reply = new BasicProperties { CorrelationId = request.Properties.CorrelationId };
                await Client.PublishAsync("", request.Properties.ReplyTo!, Encoding.UTF8.GetBytes(request.Text.ToUpperInvariant()), reply);
            }
        });
        var answers = await Soon(Task.WhenAll(new[] { "a", "b", "c" }.Select(t => Client.RequestAsync("", "rpc", Encoding.UTF8.GetBytes(t)))), "replies");
        Assert.Equal(["A", "B", "C"], answers.Select(a => a.Text));
        await Refused(ReplyCode.NoRoute, "no queue takes a request", () => Client.RequestAsync("", "nobody", default));

        var late = Client.RequestAsync("", "rpc", "silence"u8.ToArray(), timeout: TimeSpan.FromHours(1));
        await Until(async () => await Client.InspectQueueAsync("rpc") is { Ready: 0, Unacked: 0 }, "the request to be handled");
        Assert.False(late.IsCompleted);
        Pass(TimeSpan.FromHours(1));
        Assert.Equal("no reply came within 01:00:00", (await Assert.ThrowsAsync<TimeoutException>(() => late)).Message);
    }

    [Fact]
    public async Task When_the_actor_system_ends_nobody_waits_for_ever()
    {
        await Client.DeclareQueueAsync("q");
        Broker.Alarms.Raise(this, "test");
        var held = Publish("q", "x");
        Broker.Alarms.Clear(this);
        await Soon(held, "the confirm");
        await Sys.Terminate().WaitAsync(Patience);
        await Refused(ReplyCode.ConnectionForced, "shut down", () => Client.InspectQueueAsync("q"));
        await Refused(ReplyCode.ConnectionForced, "shut down", () => Publish("q", "y"));
    }

    private static async Task Refused(ReplyCode code, string words, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAnyAsync<AmqpException>(() => act().WaitAsync(Patience));
        Assert.Equal(code, refusal.Code);
        Assert.Contains(words, refusal.Text);
    }

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, $"waited {Patience} for {what}");
            await Task.Yield();
        }
    }

    private async Task NothingMore()
    {
        await Client.InspectQueueAsync("q"); // behind all that was published
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(30));
    }

    private Task<PublishResult> Publish(string queue, string text) => Client.PublishAsync("", queue, Encoding.UTF8.GetBytes(text));

    /// <summary>Publishes to the queue that it is told, and passes on what it hears.</summary>
    private sealed class Relay : ReceiveActor
    {
        public Relay(IBroker broker, IActorRef listener)
        {
            Receive<string>(queue => broker.PublishAsync("", queue, Encoding.UTF8.GetBytes($"for {queue}"), mandatory: true).PipeTo(Self));
            ReceiveAny(listener.Tell);
        }
    }
}
