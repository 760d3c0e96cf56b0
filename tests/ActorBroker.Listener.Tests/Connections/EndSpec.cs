using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>Every way in which a connection ends leaves nothing behind.</summary>
public sealed class EndSpec : ListenerSpec
{
    [Fact]
    public async Task Close_by_the_client_drops_its_exclusive_queues_before_it_is_answered()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "mine", exclusive: true);
        await client.Wire.Close();
        await client.Ended();

        Assert.Null(Broker.FindVirtualHost("/")!.FindQueue("mine"));
    }

    [Fact]
    public async Task A_client_that_vanishes_leaves_no_exclusive_queue_no_consumer_and_no_unacked_message()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "mine", exclusive: true);
        await client.Wire.Declare(1, "work");
        await client.Wire.Consume(1, "work");
        await client.Wire.Publish(1, "work", "in hand");
        await client.Wire.ExpectDelivery(1);
        await client.Wire.DisposeAsync();
        await client.Ended();

        var other = await OpenChannel();
        Assert.Null(Broker.FindVirtualHost("/")!.FindQueue("mine"));
        Assert.Equal(0u, (await other.Wire.Declare(1, "work", passive: true)).ConsumerCount);
        Assert.Equal("in hand", (await other.Wire.Get(1, "work"))?.Text);
    }

    [Fact]
    public async Task An_end_in_the_middle_of_a_frame_is_an_end()
    {
        var client = await OpenChannel();
        await client.Wire.Send(Frames.Publish(1, "", "q", "cut off"u8).AsMemory(0, 25));
        client.Wire.FinishSending();

        await client.Ended();
    }

    [Fact]
    public async Task What_was_sent_before_the_end_of_the_stream_counts()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Publish(1, "q", "last words");
        client.Wire.FinishSending();
        await client.Ended();

        var other = await OpenChannel();
        Assert.Equal("last words", (await other.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task The_operator_may_close_a_connection_with_320()
    {
        var client = await OpenChannel();
        client.Connection.CloseForced("Closed via management plugin");

        var close = await client.Wire.ExpectConnectionClose();
        Assert.Equal(
            (ReplyCode.ConnectionForced, "CONNECTION_FORCED - Closed via management plugin"), (close.ReplyCode, close.ReplyText));
        await client.Ended();
    }

    [Fact]
    public async Task A_cut_connection_ends_even_while_its_client_does_not_read()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.SendFlood(Frames.Publish(1, "", "q", new byte[500_000]));
        await client.Wire.Send(1, new BasicGet("q", NoAck: true));
        await Eventually(() => Broker.Connections.Any(), "the connection");
        client.Connection.Abort();

        await client.Ended();
    }

    [Fact]
    public async Task It_ends_when_the_actor_system_ends_before_it()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "mine", exclusive: true);
        await Sys.Terminate().WaitAsync(WireClient.Patience);
        client.Wire.FinishSending();

        await client.Ended(); // and does not throw
    }

    [Fact]
    public async Task A_thousand_connections_opened_and_closed_leave_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => OpenChannel()));
            await Task.WhenAll(clients.Select(async c =>
            {
                await c.Wire.RoundTrip(1);
                await c.Wire.Close();
                await c.Ended();
            }));
        }
    }
}
