using ActorBroker.Amqp;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using ConnectionException = ActorBroker.Amqp.ConnectionException;

namespace ActorBroker.Streams.Tests;

/// <summary>Queues as sources.</summary>
public sealed class BrokerSourceSpec : StreamSpec
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task All_messages_come_in_order_and_are_acked_once(int prefetch)
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 5000);
        var (control, texts) = BrokerSource.Committable(Client, "q", prefetch)
            .Via(Committer.Flow()).Select(d => d.Text).Take(5000).ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Streams);
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"{i}"), await Soon(texts, "the stream"));
        await Soon(control.Completion, "the source's end");
        await Holds("q", 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public async Task At_most_once_acks_what_goes_downstream_and_the_rest_stays(int buffer)
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 1000);
        var texts = BrokerSource.AtMostOnce(Client, "q", buffer).Select(d => d.Text).Take(600).RunWith(Sink.Seq<string>(), Streams);
        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"{i}"), await Soon(texts, "the stream"));
        await Holds("q", 400);
        Assert.Equal(Enumerable.Range(600, 400).Select(i => $"{i}"), await Drain("q"));
    }

    [Fact]
    public async Task A_stream_that_never_asks_has_no_more_than_its_prefetch_in_flight()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var (control, probe) = BrokerSource.Committable(Client, "q", 10).ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        var consumer = await Soon(control.Started, "the consumer");
        Assert.Equal("q", consumer.Queue);
        await Publish("q", 1000);
        await Holds("q", 990, unacked: 10);
        await probe.Request(15);
        var first = new List<Delivery>();
        for (var i = 0; i < 10; i++)
        {
            first.Add(await ExpectMsgAsync<Delivery>());
        }

        await Client.InspectQueueAsync("q"); // behind all that was told
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(30));
        first.ForEach(d => d.Ack());
        for (var i = 10; i < 15; i++)
        {
            Assert.Equal($"{i}", (await ExpectMsgAsync<Delivery>()).Text);
        }

        await Holds("q", 980, unacked: 10);
    }

    [Fact]
    public async Task Large_messages_are_bounded_by_their_bytes_as_well()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var body = new byte[1 << 20];
        for (var i = 0; i < 40; i++)
        {
            await Soon(Client.PublishAsync("", "q", body), "the confirm");
        }

        var (control, probe) = BrokerSource.Committable(Client, "q", 1000).ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        await Soon(control.Started, "the consumer");
        await Until(async () => (await Client.InspectQueueAsync("q")).Unacked > 3, "some to be under way", "q");
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
        Assert.InRange((await Client.InspectQueueAsync("q")).Unacked, 4, 12);
        await probe.Request(40);
        for (var i = 0; i < 40; i++)
        {
            (await ExpectMsgAsync<Delivery>()).Ack();
        }

        await Holds("q", 0);
    }

    [Fact]
    public async Task Stop_lets_what_was_delivered_go_on_and_it_can_still_be_acked()
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 20);
        var (control, probe) = BrokerSource.Committable(Client, "q", 5).ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        await Holds("q", 15, unacked: 5);
        var stopped = control.StopAsync();
        await Until(async () => (await Client.InspectQueueAsync("q")).Consumers == 0, "the consumer to leave", "q");
        Assert.False(stopped.IsCompleted);
        await probe.Request(100);
        var all = new List<Delivery>();
        for (var i = 0; i < 5; i++)
        {
            all.Add(await ExpectMsgAsync<Delivery>());
        }

        Assert.Null((await ExpectMsgAsync<StreamProbe<Delivery>.Ended>()).Reason);
        await Soon(stopped, "the stop");
        Assert.False(control.Completion.IsCompleted);
        all.ForEach(d => d.Ack());
        await Soon(control.Completion, "the source's end");
        await Holds("q", 15);
    }

    [Fact]
    public async Task A_drain_ends_with_the_stream_and_gives_back_what_it_did_not_ack()
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 20);
        var (control, seen) = BrokerSource.Committable(Client, "q", 20).Select(d =>
        {
            if (d.DeliveryTag % 2 == 0)
            {
                d.Ack();
            }

            return d.Text;
        }).ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Streams);
        await Holds("q", 0, unacked: 10);
        Assert.Equal(20, (await Soon(control.DrainAndShutdownAsync(seen), "the drain")).Count);
        await Holds("q", 10);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{2 * i}"), await Drain("q"));
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("cancel")]
    [InlineData("shutdown")]
    public async Task When_the_stream_ends_all_that_is_unacked_goes_back(string how)
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 20);
        var (control, probe) = BrokerSource.Committable(Client, "q", 10).ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        await probe.Request(5);
        var held = new List<Delivery>();
        for (var i = 0; i < 5; i++)
        {
            held.Add(await ExpectMsgAsync<Delivery>());
        }

        held[0].Ack();
        await Holds("q", 9, unacked: 10);
        await (how switch
        {
            "fail" => probe.Cancel(new InvalidOperationException("not this")),
            "cancel" => probe.Cancel(),
            _ => Soon(control.ShutdownAsync(), "the shutdown"),
        });
        await Soon(control.Completion, "the source's end");
        await Holds("q", 19);
        Assert.Throws<ChannelException>(held[1].Ack);
        var again = await Client.GetAsync("q", autoAck: true);
        Assert.Equal(("1", true), (again!.Text, again.Redelivered));
        Assert.Equal(0, (await Client.InspectQueueAsync("q")).Consumers);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_fails_the_stream()
    {
        var (control, end) = BrokerSource.AtMostOnce(Client, "none").ToMaterialized(Sink.Ignore<Delivery>(), Keep.Both).Run(Streams);
        foreach (var failed in new Task[] { end, control.Started, control.Completion })
        {
            var refusal = await Assert.ThrowsAnyAsync<ChannelException>(() => Soon(failed, "the failure"));
            Assert.Equal((ReplyCode.NotFound, "no queue 'none' in vhost '/'"), (refusal.Code, refusal.Text));
        }
    }

    [Fact]
    public async Task A_stream_that_is_stopped_before_it_starts_completes()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var (control, end) = BrokerSource.Committable(Client, "q").ToMaterialized(Sink.Ignore<Delivery>(), Keep.Both).Run(Streams);
        await Soon(control.StopAsync(), "the stop");
        await Soon(end, "the stream");
        await Soon(control.Completion, "the source's end");
        await Soon(control.ShutdownAsync(), "what is over");
    }

    [Fact]
    public async Task A_deleted_queue_fails_the_stream_after_what_was_delivered()
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 3);
        var (control, probe) = BrokerSource.Committable(Client, "q").ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        await Holds("q", 0, unacked: 3);
        await Client.DeleteQueueAsync("q");
        await probe.Request(10);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"{i}", (await ExpectMsgAsync<Delivery>()).Text);
        }

        var reason = Assert.IsType<ChannelException>((await ExpectMsgAsync<StreamProbe<Delivery>.Ended>()).Reason);
        Assert.Equal((ReplyCode.NotFound, "the consumer of queue 'q' was cancelled: the queue was deleted"), (reason.Code, reason.Text));
        await Assert.ThrowsAsync<ChannelException>(() => Soon(control.Completion, "the source's end"));
    }

    [Fact]
    public async Task When_the_client_is_disposed_its_streams_fail()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var other = Broker.Open("/");
        var (control, end) = BrokerSource.Committable(other, "q").ToMaterialized(Sink.Ignore<Delivery>(), Keep.Both).Run(Streams);
        await Soon(control.Started, "the consumer");
        await other.DisposeAsync();
        var gone = await Assert.ThrowsAsync<ConnectionException>(() => Soon(end, "the failure"));
        Assert.Equal(ReplyCode.ConnectionForced, gone.Code);
    }

    [Fact]
    public async Task When_the_broker_ends_streams_in_other_systems_fail()
    {
        await Client.DeclareQueueAsync("q", Transient);
        using var elsewhere = ActorSystem.Create("elsewhere", ConfigurationFactory.ParseString("akka.loglevel = OFF"));
        var there = elsewhere.Materializer();
        var (control, end) = BrokerSource.Committable(Client, "q").ToMaterialized(Sink.Ignore<Delivery>(), Keep.Both).Run(there);
        await Soon(control.Started, "the consumer");
        var (feed, sent) = Source.Queue<ReadOnlyMemory<byte>>(10, OverflowStrategy.Fail).ToMaterialized(BrokerSink.Simple(Client, "", "q"), Keep.Both).Run(there);
        Broker.Alarms.Raise(this, "test");
        await feed.OfferAsync(Body("held back"));
        await Sys.Terminate().WaitAsync(Patience);
        foreach (var task in new Task[] { end, sent })
        {
            var gone = await Assert.ThrowsAsync<ConnectionException>(() => Soon(task, "the failure"));
            Assert.Equal(ReplyCode.ConnectionForced, gone.Code);
        }

        await elsewhere.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_coordinated_shutdown_works_off_what_was_delivered_and_confirms_it()
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Client.DeclareQueueAsync("out", Transient);
        await Publish("q", 100);
        var gate = new TaskCompletionSource();
        var (control, end) = BrokerSource.Committable(Client, "q", 10)
            .SelectAsync(1, async d =>
            {
                await gate.Task;
                return (new OutgoingMessage("out", d.Body), d);
            })
            .Via(BrokerFlow.Create<Delivery>(Client, ""))
            .Select(pair => pair.PassThrough)
            .ToMaterialized(Committer.Sink(), Keep.Both)
            .Run(Streams);
        await Holds("q", 90, unacked: 10);
        var counted = new TaskCompletionSource<(QueueInfo, QueueInfo)>();
        CoordinatedShutdown.Get(Sys).AddTask(CoordinatedShutdown.PhaseServiceStop, "count", async () =>
        {
            counted.SetResult((await Client.InspectQueueAsync("q"), await Client.InspectQueueAsync("out")));
            return Akka.Done.Instance;
        });
        var over = CoordinatedShutdown.Get(Sys).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await Until(async () => (await Client.InspectQueueAsync("q")).Consumers == 0, "the source to stop", "q");
        gate.SetResult();
        var (rest, done) = await Soon(counted.Task, "the phase after");
        Assert.Equal((90, 0, 10), (rest.Ready, rest.Unacked, done.Ready));
        await Soon(end, "the stream");
        await Soon(control.Completion, "the source's end");
        await Soon(over, "the shutdown");
    }

    [Fact]
    public async Task Who_terminates_the_system_does_not_wait_for_its_streams()
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Publish("q", 10);
        var (control, probe) = BrokerSource.Committable(Client, "q").ToMaterialized(StreamProbe<Delivery>.Sink(TestActor), Keep.Both).Run(Streams);
        await Holds("q", 0, unacked: 10);
        await Soon(Sys.Terminate(), "the end");
        await Soon(Task.WhenAny(control.Completion), "the source's end");
    }

    [Fact]
    public void A_source_needs_a_bound()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerSource.Committable(Client, "q", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerSource.AtMostOnce(Client, "q", 70_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerFlow.Create<int>(Client, "", 0));
    }
}
