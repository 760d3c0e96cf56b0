using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using Akka.Streams;
using Akka.Streams.Dsl;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Streams.Tests;

/// <summary>Exchanges as sinks and flows.</summary>
public sealed class BrokerFlowSpec : StreamSpec
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly QueueOptions Full = new() { Durable = false, MaxLength = 2, Overflow = "reject-publish" };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task A_sink_completes_when_all_is_in_the_queue_in_order(int parallelism)
    {
        await Client.DeclareQueueAsync("q", Transient);
        await Soon(
            Source.From(Enumerable.Range(0, 5000)).Select(i => Body(i)).RunWith(BrokerSink.Simple(Client, "", "q", parallelism), Streams), "the sink");
        Assert.Equal(new QueueInfo("q", 5000, 0, 0), await Client.InspectQueueAsync("q"));
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"{i}"), await Drain("q"));
    }

    [Fact]
    public async Task A_message_keeps_its_properties_and_nothing_says_persistent()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var typed = new OutgoingMessage("q", Body("x")) { Properties = new BasicProperties { Type = "order", Headers = new FieldTable([new("n", 1)]) } };
        await Soon(Source.From([typed, new OutgoingMessage("q", Body("y"))]).RunWith(BrokerSink.Create(Client, ""), Streams), "the sink");
        var first = (await Client.GetAsync("q", autoAck: true))!.Properties;
        Assert.Equal(("order", 1, null), (first.Type, first.Headers!["n"], first.DeliveryMode));
        Assert.Equal((byte)2, (await Client.GetAsync("q", autoAck: true))!.Properties.DeliveryMode);
    }

    [Fact]
    public async Task A_sink_fails_with_the_first_message_that_is_not_taken()
    {
        await Client.DeclareQueueAsync("full", Full);
        var refused = await Assert.ThrowsAsync<PublishRefusedException>(() => Soon(
            Source.From(Enumerable.Range(0, 10)).Select(i => Body(i)).RunWith(BrokerSink.Simple(Client, "", "full"), Streams), "the refusal"));
        Assert.Equal("full", refused.RoutingKey);
        Assert.Equal(["0", "1"], await Drain("full"));

        var lost = Source.Single(new OutgoingMessage("nobody", Body("x")) { Mandatory = true });
        Assert.Equal(ReplyCode.NoRoute, (await Failure(lost.RunWith(BrokerSink.Create(Client, ""), Streams))).Code);
        await Soon(Source.Single(new OutgoingMessage("nobody", Body("x"))).RunWith(BrokerSink.Create(Client, ""), Streams), "what nobody wants");
        Assert.Equal(ReplyCode.NotFound, (await Failure(lost.RunWith(BrokerSink.Create(Client, "no-exchange"), Streams))).Code);
        var soon = Source.Single(new OutgoingMessage("q", default) { Properties = new BasicProperties { Expiration = "soon" } });
        Assert.Equal(ReplyCode.PreconditionFailed, (await Failure(soon.RunWith(BrokerSink.Create(Client, ""), Streams))).Code);
    }

    [Fact]
    public async Task A_sink_hands_on_the_failure_of_its_stream()
    {
        var failed = Source.Failed<ReadOnlyMemory<byte>>(new InvalidOperationException("upstream")).RunWith(BrokerSink.Simple(Client, "", "q"), Streams);
        Assert.Equal("upstream", (await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(failed, "the failure"))).Message);
    }

    [Fact]
    public async Task Refused_and_returned_messages_are_results_in_order()
    {
        await Client.DeclareQueueAsync("full", Full);
        await Client.DeclareQueueAsync("q", Transient);
        string[] keys = ["full", "q", "nobody", "full", "full", "q", "nobody", "full"];
        var results = await Soon(
            Source.From(keys.Select((key, i) => (new OutgoingMessage(key, Body(i)) { Mandatory = true }, i)))
                .Via(BrokerFlow.Create<int>(Client, ""))
                .RunWith(Sink.Seq<(PublishResult Result, int Number)>(), Streams),
            "the results");
        Assert.Equal(Enumerable.Range(0, 8), results.Select(r => r.Number));
        Assert.Equal(
            [
                PublishResult.Confirmed, PublishResult.Confirmed, PublishResult.Returned, PublishResult.Confirmed,
                PublishResult.Refused, PublishResult.Confirmed, PublishResult.Returned, PublishResult.Refused,
            ],
            results.Select(r => r.Result));
    }

    [Fact]
    public async Task An_alarm_holds_the_stream_back_and_it_goes_on_in_order()
    {
        await Client.DeclareQueueAsync("q", Transient);
        Broker.Alarms.Raise(this, "test");
        var asked = 0;
        var sink = Source.From(Enumerable.Range(0, 500)).Select(i =>
        {
            Interlocked.Increment(ref asked);
            return Body(i);
        }).RunWith(BrokerSink.Simple(Client, "", "q"), Streams);
        await Until(() => Task.FromResult(Volatile.Read(ref asked) > 0), "the stream to start");
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(30));
        Assert.Equal((1, 0), (Volatile.Read(ref asked), (await Client.InspectQueueAsync("q")).Ready));
        Broker.Alarms.Clear(this);
        await Soon(sink, "the sink");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), await Drain("q"));
    }

    [Fact]
    public async Task A_stream_that_fails_while_it_is_held_back_publishes_nothing_later()
    {
        await Client.DeclareQueueAsync("q", Transient);
        Broker.Alarms.Raise(this, "test");
        var passed = new TaskCompletionSource();
        var (feed, sink) = Source.Queue<ReadOnlyMemory<byte>>(10, OverflowStrategy.Fail)
            .Select(body =>
            {
                passed.SetResult();
                return body;
            })
            .ToMaterialized(BrokerSink.Simple(Client, "", "q"), Keep.Both).Run(Streams);
        await Soon(feed.OfferAsync(Body("x")), "the offer");
        await Soon(passed.Task, "it to get to the sink");
        feed.Fail(new InvalidOperationException("changed my mind"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(sink, "the failure"));
        Broker.Alarms.Clear(this);
        await Publish("q", "y");
        Assert.Equal(["y"], await Drain("q"));
    }

    [Fact]
    public async Task A_slow_downstream_bounds_what_is_published()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var probe = Source.From(Enumerable.Range(0, 1000)).Select(i => (new OutgoingMessage("q", Body(i)), i))
            .Via(BrokerFlow.Create<int>(Client, "", 20)).RunWith(StreamProbe<(PublishResult, int)>.Sink(TestActor), Streams);
        await probe.Request(5);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((PublishResult.Confirmed, i), await ExpectMsgAsync<(PublishResult, int)>());
        }

        await Holds("q", 25);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(30));
        Assert.Equal(25, (await Client.InspectQueueAsync("q")).Ready);
    }

    [Fact]
    public async Task From_queue_to_queue_nothing_is_lost_when_the_stream_fails_and_starts_again()
    {
        await Client.DeclareQueueAsync("in", Transient);
        await Client.DeclareQueueAsync("out", Transient);
        await Publish("in", 2000);
        var runs = 0;
        var end = Task.CompletedTask;
        do
        {
            var last = runs++ == 5;
            var count = 0;
            var (control, done) = BrokerSource.Committable(Client, "in", 50)
                .Select(d => ++count == 300 && !last ? throw new InvalidOperationException("now and then") : (new OutgoingMessage("out", d.Body), d))
                .Via(BrokerFlow.Create<Delivery>(Client, "", 64))
                .Select(pair => pair.PassThrough)
                .ToMaterialized(Committer.Sink(), Keep.Both)
                .Run(Streams);
            if (last)
            {
                await Holds("in", 0);
                await Soon(control.DrainAndShutdownAsync(done), "the drain");
                break;
            }

            await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(done, "the failure"));
            await Soon(control.Completion, "the source's end");
        }
        while (true);

        var all = await Drain("out");
        Assert.Equal(Enumerable.Range(0, 2000), all.Select(int.Parse).Distinct());
        Assert.InRange(all.Length, 2000, 2000 + (5 * 64)); // at least once: what was on its way when it failed comes twice
    }

    [Fact]
    public async Task A_slow_sink_holds_a_fast_publisher_back_by_way_of_the_queue()
    {
        await Client.DeclareQueueAsync("q", new QueueOptions { Durable = false, MaxLength = 100, Overflow = "reject-publish" });
        var gate = new TaskCompletionSource();
        var (control, seen) = BrokerSource.Committable(Client, "q", 10).SelectAsync(1, async d =>
        {
            await gate.Task;
            d.Ack();
            return d.Text;
        }).ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Streams);
        await Soon(control.Started, "the consumer");
        var results = await Soon(
            Source.From(Enumerable.Range(0, 1000)).Select(i => (new OutgoingMessage("q", Body(i)), i))
                .Via(BrokerFlow.Create<int>(Client, "", 10)).RunWith(Sink.Seq<(PublishResult Result, int Number)>(), Streams),
            "the results");
        var taken = results.Where(r => r.Result == PublishResult.Confirmed).Select(r => $"{r.Number}").ToArray();
        Assert.InRange(taken.Length, 100, 130);
        Assert.All(results.Skip(130), r => Assert.Equal(PublishResult.Refused, r.Result));
        gate.SetResult();
        await Holds("q", 0);
        Assert.Equal(taken, await Soon(control.DrainAndShutdownAsync(seen), "the drain"));
    }

    [Fact]
    public async Task Requests_and_replies_as_streams()
    {
        await Client.DeclareQueueAsync("rpc", Transient);
        var (control, served) = BrokerSource.Committable(Client, "rpc", 20)
            .Select(d => (d, Body(d.Text.ToUpperInvariant())))
            .ToMaterialized(BrokerSink.ReplyTo(Client), Keep.Both).Run(Streams);
        string[] words = [.. Enumerable.Range(0, 200).Select(i => $"word {i}")];
        var replies = await Soon(
            Source.From(words).Select(Body).Via(BrokerFlow.Rpc(Client, "", "rpc", 16, Hour)).Select(d => d.Text).RunWith(Sink.Seq<string>(), Streams),
            "the replies");
        Assert.Equal(words.Select(w => w.ToUpperInvariant()), replies);
        var along = await Soon(
            Source.From(words).Select((string w) => (new OutgoingMessage("rpc", Body(w)), w.Length))
                .Via(BrokerFlow.Rpc<int>(Client, "", 16, Hour)).Select(p => (p.Reply.Text, p.PassThrough)).RunWith(Sink.Seq<(string, int)>(), Streams),
            "the replies with something along");
        Assert.Equal(words.Select(w => (w.ToUpperInvariant(), w.Length)), along);
        await Holds("rpc", 0);
        await Soon(control.DrainAndShutdownAsync(served), "the drain");

        Assert.Equal(ReplyCode.NoRoute, (await Failure(
            Source.Single(Body("x")).Via(BrokerFlow.Rpc(Client, "", "nobody", 1, Hour)).RunWith(Sink.Ignore<Delivery>(), Streams))).Code);
        ExpectError("no queue takes a request");
    }

    [Fact]
    public async Task A_request_times_out_in_virtual_time()
    {
        await Client.DeclareQueueAsync("rpc", Transient);
        var late = Source.Single(Body("x")).Via(BrokerFlow.Rpc(Client, "", "rpc", 1, Hour)).RunWith(Sink.Ignore<Delivery>(), Streams);
        await Holds("rpc", 1);
        Assert.False(late.IsCompleted);
        Pass(Hour);
        await Assert.ThrowsAsync<TimeoutException>(() => Soon(late, "the timeout"));
        ExpectError("no reply came within 01:00:00");
    }

    [Fact]
    public async Task A_request_without_an_address_fails_the_stream_or_is_only_acked()
    {
        await Client.DeclareQueueAsync("rpc", Transient);
        await Publish("rpc", "nameless");
        Task Serve(bool fail) => BrokerSource.Committable(Client, "rpc").Take(1).Select(d => (d, Body("reply"))).RunWith(BrokerSink.ReplyTo(Client, fail), Streams);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(Serve(fail: true), "the failure"));
        await Holds("rpc", 1);
        var (control, served) = BrokerSource.Committable(Client, "rpc").Select(d => (d, Body("reply")))
            .ToMaterialized(BrokerSink.ReplyTo(Client, failIfReplyToMissing: false), Keep.Both).Run(Streams);
        await Holds("rpc", 0);
        await Soon(control.DrainAndShutdownAsync(served), "the drain");
    }

    [Fact]
    public async Task A_stream_that_is_torn_down_fails_its_task()
    {
        await Client.DeclareQueueAsync("q", Transient);
        var own = Sys.Materializer(namePrefix: "own");
        var (control, end) = BrokerSource.Committable(Client, "q").Select(d => d.Body)
            .ToMaterialized(BrokerSink.Simple(Client, "", "q2"), Keep.Both).Run(own);
        await Soon(control.Started, "the consumer");
        ((ActorMaterializer)own).Shutdown();
        await Assert.ThrowsAnyAsync<Exception>(() => Soon(end, "the failure"));
        await Soon(control.Completion, "the source's end");
        await Until(async () => (await Client.InspectQueueAsync("q")).Consumers == 0, "the consumer to leave", "q");
    }

    private static async Task<AmqpException> Failure(Task stream) => await Assert.ThrowsAnyAsync<AmqpException>(() => Soon(stream, "the failure"));
}
