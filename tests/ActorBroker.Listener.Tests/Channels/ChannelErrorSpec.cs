using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>An error of one channel is that channel's alone, and what the client sent before it knew is ignored.</summary>
public sealed class ChannelErrorSpec : ListenerSpec
{
    [Fact]
    public async Task An_error_on_one_of_a_hundred_channels_leaves_the_other_ninety_nine_at_work()
    {
        var client = await Open();
        for (ushort n = 1; n <= 100; n++)
        {
            await client.Wire.OpenChannel(n);
            await client.Wire.Declare(n, $"q{n}");
            await client.Wire.Consume(n, $"q{n}", tag: $"c{n}");
        }

        await client.Wire.Send(57, new QueueDeclare("missing", Passive: true, false, false, false, false, Amqp.Types.FieldTable.Empty));
        Assert.Equal(ReplyCode.NotFound, (await client.Wire.ExpectChannelClose(57)).ReplyCode);
        for (ushort n = 1; n <= 100; n++)
        {
            if (n != 57)
            {
                await client.Wire.Publish(n, $"q{n}", $"message {n}");
                Assert.Equal($"message {n}", (await client.Wire.ExpectDelivery(n)).Text);
            }
        }

        await client.Wire.OpenChannel(57);
        await client.Wire.Declare(57, "q57", passive: true);
    }

    [Fact]
    public async Task Everything_that_comes_late_on_a_channel_that_was_closed_is_ignored_until_close_ok()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        byte[] late =
        [
            .. Frames.Publish(1, "missing", "", "the cause"u8), .. Frames.Publish(1, "", "q", "late"u8), .. Frames.Header(1, 5),
            .. Frames.Body(1, [1]), .. Frames.Method(1, new BasicAck(99, false)), .. Frames.Method(1, new QueuePurge("q", false)),
            .. Frames.Method(1, WireClient.ConsumeMethod("q")), .. Frames.PublishMethod(1, "", "q"),
        ];
        await client.Wire.Send(late);

        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal((ReplyCode.NotFound, "NOT_FOUND - no exchange 'missing' in vhost '/'"), (close.ReplyCode, close.ReplyText));
        await client.Wire.OpenChannel(1); // the very next frame
        Assert.Equal((0u, 0u), await Counts(client));
    }

    [Fact]
    public async Task What_came_before_the_error_in_the_same_packet_counts()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Confirms(1);
        await client.Wire.Send((byte[])[.. Frames.Publish(1, "", "q", "good"u8), .. Frames.Publish(1, "missing", "", "bad"u8)]);

        await client.Wire.Expect<ChannelClose>(1); // no confirm can be promised any more, but the message is there
        await client.Wire.Send(1, default(ChannelCloseOk));
        await client.Wire.OpenChannel(1);
        Assert.Equal("good", (await client.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task Both_sides_may_close_a_channel_at_the_same_time()
    {
        var client = await OpenChannel();
        await client.Wire.Send((byte[])
        [
            .. Frames.Publish(1, "missing", "", "x"u8), .. Frames.Method(1, new ChannelClose(ReplyCode.Success, "bye", 0, 0)),
        ]);

        await client.Wire.Expect<ChannelClose>(1);
        await client.Wire.Expect<ChannelCloseOk>(1);
        await client.Wire.Send(1, default(ChannelCloseOk));
        await client.Wire.OpenChannel(1);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_second_close_ok_on_a_number_that_is_free_harms_nobody()
    {
        var client = await OpenChannel();
        await client.Wire.Call<ChannelClose, ChannelCloseOk>(1, new ChannelClose(ReplyCode.Success, "", 0, 0));
        await client.Wire.Send(1, default(ChannelCloseOk));

        await client.Wire.OpenChannel(1);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task Deliveries_of_a_closed_channel_are_back_in_their_queue_in_their_order()
    {
        var client = await OpenChannel();
        await client.Wire.OpenChannel(2);
        await client.Wire.Declare(1, "q");
        await client.Wire.Consume(1, "q");
        foreach (var body in new[] { "1", "2", "3" })
        {
            await client.Wire.Publish(1, "q", body);
            Assert.Equal(body, (await client.Wire.ExpectDelivery(1)).Text);
        }

        await client.Wire.Send(1, new BasicAck(77, Multiple: false));
        Assert.Equal("PRECONDITION_FAILED - unknown delivery tag 77", (await client.Wire.ExpectChannelClose(1)).ReplyText);
        foreach (var body in new[] { "1", "2", "3" })
        {
            var again = await client.Wire.Get(2, "q");
            Assert.Equal((body, true), (again?.Text, again?.Redelivered));
        }
    }

    [Fact]
    public async Task A_storm_of_errors_on_all_channels_at_once_is_answered_one_by_one()
    {
        var client = await Open();
        await client.Wire.SendFlood(Enumerable.Range(1, 1000).SelectMany(n => (byte[])
        [
            .. Frames.Method((ushort)n, default(ChannelOpen)), .. Frames.Publish((ushort)n, "missing", "", "x"u8),
        ]).ToArray());
        for (ushort n = 1; n <= 1000; n++)
        {
            await client.Wire.Expect<ChannelOpenOk>(n);
            await client.Wire.ExpectChannelClose(n);
        }

        await client.Wire.OpenChannel(1);
        await client.Wire.RoundTrip(1);
    }

    private static async Task<(uint Messages, uint Consumers)> Counts(ServedClient client)
    {
        var counts = await client.Wire.Declare(1, "q", passive: true);
        return (counts.MessageCount, counts.ConsumerCount);
    }
}
