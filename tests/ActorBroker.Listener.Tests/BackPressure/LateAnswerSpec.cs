using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.BackPressure;

/// <summary>
/// One method has no answer yet: its channel waits, and nothing else does. By a clock that only the test moves, so that nothing here
/// happens because time has passed unless it says so.
/// </summary>
public sealed class LateAnswerSpec() : VirtualTimeSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private const int MaxInFlight = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2); // with what a client sent before it closed

    [Fact]
    public async Task Other_channels_of_the_connection_go_on_with_everything()
    {
        var (client, valve) = await Waiting();
        await client.Wire.RoundTrip(2);
        await client.Wire.Confirms(2);
        await client.Wire.Declare(2, "q");
        await client.Wire.Publish(2, "q", "confirmed");
        await client.Wire.ExpectConfirms(2, 1);
        await client.Wire.Consume(2, "q");
        await client.Wire.Send(2, new BasicAck((await client.Wire.ExpectDelivery(2)).Tag, Multiple: false));
        await client.Wire.OpenChannel(3);
        await client.Wire.Call<ChannelClose, ChannelCloseOk>(3, Bye);

        valve.Open();
        await client.Wire.Expect<QueuePurgeOk>(1);
    }

    [Fact]
    public async Task What_the_channel_is_sent_meanwhile_is_done_in_order_when_the_answer_has_come()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Send((byte[])
        [
            .. Frames.Method(1, new ConfirmSelect(NoWait: false)), .. Publish("a"), .. Publish("b"),
            .. Frames.Method(1, new QueueDeclare("q", Passive: true, false, false, false, false, Amqp.Types.FieldTable.Empty)), .. Publish("c"),
        ]);
        await client.Wire.Sync(2);
        Assert.Equal(0u, (await client.Wire.Declare(2, "q", passive: true)).MessageCount);
        valve.Open();

        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.Expect<ConfirmSelectOk>(1);
        var confirmed = new List<ulong>();
        var declared = 0u;
        while (confirmed.LastOrDefault() < 3 || declared == 0)
        {
            var frame = (await client.Wire.Read("confirms and declare-ok"))!;
            if (frame.MethodId == BasicAck.Id)
            {
                confirmed.Add(frame.As<BasicAck>().DeliveryTag);
            }
            else
            {
                declared = frame.As<QueueDeclareOk>().MessageCount;
            }
        }

        Assert.Equal(2u, declared);
        foreach (var text in new[] { "a", "b", "c" })
        {
            Assert.Equal(text, (await client.Wire.Get(1, "q"))?.Text);
        }
    }

    [Fact]
    public async Task A_publish_that_was_half_sent_when_the_answer_came_is_whole()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 13), .. Frames.Body(1, "in two "u8)]);
        await client.Wire.Sync(2);
        valve.Open();
        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.Send(Frames.Body(1, "pieces"u8));

        await client.Wire.Sync(1);
        Assert.Equal("in two pieces", (await client.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task A_refusal_that_comes_late_closes_its_channel_and_names_its_method()
    {
        var client = await Opened();
        await client.Wire.Call<BasicConsume, BasicConsumeOk>(2, WireClient.ConsumeMethod("slow") with { Exclusive = true });
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, WireClient.ConsumeMethod("slow"));
        await client.Wire.Publish(1, "q", "to a channel that will be closed");
        await client.Wire.Declare(2, "another");
        valve.Open();

        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal((ReplyCode.AccessRefused, 60, 20), (close.ReplyCode, close.ClassId, close.MethodId));
        await client.Wire.OpenChannel(1);
        Assert.Null(await client.Wire.Get(1, "q"));
        await client.Wire.RoundTrip(2);
    }

    [Fact]
    public async Task Heartbeats_go_both_ways_for_as_long_as_it_takes()
    {
        var (client, valve) = await Waiting(heartbeat: 10);
        for (var i = 0; i < 60; i++)
        {
            var reads = client.Connection.Reads;
            await client.Wire.Send(Frames.Heartbeat);
            await Eventually(() => client.Connection.Reads > reads, "the broker to read a heartbeat");
            await Pass(TimeSpan.FromSeconds(5), client);
        }

        Assert.False(client.Socket.WasAborted);
        valve.Open();
        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_silent_client_is_cut_off_all_the_same()
    {
        var (client, valve) = await Waiting(heartbeat: 10);
        await Pass(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), client);

        Assert.True(client.Socket.WasAborted);
        await client.Ended();
        valve.Open();
    }

    [Fact]
    public async Task A_client_that_goes_away_gives_back_all_that_it_held_at_once()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Declare(2, "mine", exclusive: true);
        await client.Wire.Publish(2, "q", "in hand");
        await client.Wire.Consume(2, "q");
        await client.Wire.ExpectDelivery(2);
        await client.Wire.DisposeAsync();
        await client.Ended();

        var other = await OpenChannel();
        await other.Wire.Declare(1, "mine", exclusive: true);
        Assert.Equal("in hand", (await other.Wire.Get(1, "q"))?.Text);
        valve.Open();
        await other.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task What_it_sent_before_it_went_counts_when_the_answer_comes_soon()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Publish(1, "q", "last words");
        client.Wire.FinishSending();
        await ActorIsUpToDate(client);
        valve.Open();
        await client.Ended();

        var other = await OpenChannel();
        Assert.Equal("last words", (await other.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task What_it_sent_before_it_went_is_not_waited_for_for_ever()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Declare(2, "mine", exclusive: true);
        await client.Wire.Publish(1, "q", "last words");
        client.Wire.FinishSending();
        await Eventually(() => { Advance(Patience); return client.Run.IsCompleted; }, "the connection to end");

        var other = await OpenChannel();
        await other.Wire.Declare(1, "mine", exclusive: true);
        valve.Open();
        await other.Wire.Sync(1);
        Assert.Null(await other.Wire.Get(1, "q"));
    }

    [Fact]
    public async Task Connection_close_comes_after_what_was_asked_before()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Publish(1, "q", "before the close");
        await client.Wire.Send(0, new ConnectionClose(ReplyCode.Success, "bye", 0, 0));
        await Eventually(() => client.Connection.IsHeldBack, "the close to be read");
        valve.Open();

        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.Expect<ConnectionCloseOk>(0);
        await client.Wire.ExpectEnd();
        await client.Ended();
        var other = await OpenChannel();
        Assert.Equal("before the close", (await other.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task Connection_close_does_not_wait_long()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Declare(2, "mine", exclusive: true);
        await client.Wire.Send(0, new ConnectionClose(ReplyCode.Success, "bye", 0, 0));
        await Eventually(() => client.Connection.IsHeldBack, "the close to be read");
        await Pass(Patience, client);

        await client.Wire.Expect<ConnectionCloseOk>(0);
        await client.Wire.ExpectEnd();
        await client.Ended();
        Assert.Null(Broker.FindVirtualHost("/")!.FindQueue("mine"));
        valve.Open();
    }

    [Fact]
    public async Task Channel_close_comes_after_what_was_asked_before()
    {
        var (client, valve) = await Waiting();
        await client.Wire.Publish(1, "q", "before the close");
        await client.Wire.Send(1, Bye);
        await client.Wire.Sync(2);
        valve.Open();

        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.Expect<ChannelCloseOk>(1);
        Assert.Equal("before the close", (await client.Wire.Get(2, "q"))?.Text);
    }

    [Fact]
    public async Task Channel_close_does_not_wait_long_and_the_next_channel_of_that_number_hears_nothing_of_the_answer()
    {
        var (client, valve) = await Waiting();
        byte[] closeAndOpen = [.. Frames.Method(1, Bye), .. Frames.Method(1, default(ChannelOpen)), .. Publish("on the next one")];
        await client.Wire.Send(closeAndOpen);
        await client.Wire.Sync(2);
        await Pass(Patience, client);

        await client.Wire.Expect<ChannelCloseOk>(1);
        await client.Wire.Expect<ChannelOpenOk>(1);
        Assert.Equal("on the next one", (await client.Wire.Get(1, "q"))?.Text);
        valve.Open();
        await client.Wire.Declare(2, "slow", passive: true); // behind the purge
        await client.Wire.Sync(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_got_for_a_channel_that_is_gone_stays_in_its_queue(bool noAck)
    {
        var client = await Opened();
        await client.Wire.Publish(1, "slow", "not lost");
        await client.Wire.Sync(1);
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, new BasicGet("slow", noAck));
        await client.Wire.Sync(2);
        await client.Wire.DisposeAsync();
        await client.Ended();
        valve.Open();

        var other = await OpenChannel();
        Assert.Equal("not lost", (await other.Wire.Get(1, "slow"))?.Text);
    }

    [Fact]
    public async Task A_consumer_of_a_channel_that_is_gone_does_not_join()
    {
        var client = await Opened();
        await client.Wire.Publish(1, "slow", "for somebody else");
        await client.Wire.Sync(1);
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, WireClient.ConsumeMethod("slow") with { Exclusive = true });
        await client.Wire.Sync(2);
        await client.Wire.DisposeAsync();
        await client.Ended();
        valve.Open();

        var other = await OpenChannel();
        Assert.Equal(0u, (await other.Wire.Declare(1, "slow", passive: true)).ConsumerCount);
        await other.Wire.Consume(1, "slow");
        Assert.Equal("for somebody else", (await other.Wire.ExpectDelivery(1)).Text);
    }

    [Fact]
    public async Task A_commit_that_waits_for_a_slow_queue_holds_up_its_channel_only()
    {
        var client = await Opened();
        await client.Wire.Call<TxSelect, TxSelectOk>(1, default);
        await client.Wire.Publish(1, "slow", "committed");
        await client.Wire.Sync(1);
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, default(TxCommit));
        await client.Wire.RoundTrip(2);
        valve.Open();

        await client.Wire.Expect<TxCommitOk>(1);
    }

    [Fact]
    public async Task Beyond_the_bound_the_socket_is_not_read_and_nothing_is_lost_or_out_of_order()
    {
        const int Messages = 500;
        var (client, valve) = await Waiting(heartbeat: 10);
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await client.Wire.SendFlood(Publish($"{i}".PadRight(2048)));
            }
        });
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        Assert.False(flood.IsCompleted);
        var reads = client.Connection.Reads;
        Assert.InRange(reads, 1, 100);
        await Pass(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), client);
        Assert.False(client.Socket.WasAborted); // it cannot show that it lives
        Assert.Equal(reads, client.Connection.Reads);

        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.Expect<QueuePurgeOk>(1);
        await client.Wire.Consume(1, "q", noAck: true);
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", (await client.Wire.ExpectDelivery(1)).Text.TrimEnd());
        }
    }

    [Fact]
    public async Task Many_channels_together_keep_no_more_than_the_bound()
    {
        var client = await Opened();
        for (ushort channel = 3; channel <= 30; channel++)
        {
            await client.Wire.OpenChannel(channel);
        }

        var valve = Valve.Before(Broker, "slow");
        for (ushort channel = 3; channel <= 30; channel++)
        {
            await client.Wire.Send(channel, new QueuePurge("slow", NoWait: true));
        }

        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 28 * 40; i++)
            {
                await client.Wire.SendFlood(Frames.Publish((ushort)(3 + (i % 28)), "", "q", new byte[1000]));
            }
        });
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        Assert.False(flood.IsCompleted);
        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.Sync(2);
        await Eventually(() => !client.Connection.IsHeldBack, "the flood to be over");
        for (ushort channel = 3; channel <= 30; channel++)
        {
            await client.Wire.Sync(channel);
        }

        Assert.Equal(28u * 40, (await client.Wire.Declare(1, "q", passive: true)).MessageCount);
    }

    private static ChannelClose Bye => new(ReplyCode.Success, "bye", 0, 0);

    private static byte[] Publish(string text) => Frames.Publish(1, "", "q", Encoding.UTF8.GetBytes(text));

    /// <summary>Channels 1 and 2, queues q and slow.</summary>
    private async Task<ServedClient> Opened(ushort heartbeat = 0)
    {
        var client = await OpenChannel(new Handshake { Heartbeat = heartbeat });
        await client.Wire.OpenChannel(2);
        await client.Wire.Declare(1, "slow");
        await client.Wire.Declare(1, "q");
        return client;
    }

    /// <summary>The same, and channel 1 waits for the answer to queue.purge.</summary>
    private async Task<(ServedClient Client, Valve Valve)> Waiting(ushort heartbeat = 0)
    {
        var client = await Opened(heartbeat);
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, new QueuePurge("slow", NoWait: false));
        await client.Wire.Sync(2);
        return (client, valve);
    }
}
