using ActorBroker.Amqp.Framing;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>Signs of life both ways, and what silence costs. By a clock that only the test moves.</summary>
public sealed class HeartbeatSpec() : VirtualTimeSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(5);
    private static readonly Handshake EveryTenSeconds = new() { Heartbeat = 10 };

    [Fact]
    public async Task The_broker_sends_one_each_half_interval_when_it_has_nothing_else_to_send()
    {
        var client = await Open(EveryTenSeconds);
        await Pass(2 * Half, Half, client, () => SendHeartbeat(client)); // the first tick saw the handshake's frames

        for (var i = 0; i < 5; i++)
        {
            await Pass(Half, Half, client, () => SendHeartbeat(client));
        }

        client.Wire.FinishSending();
        var sent = await client.Wire.ReadToEnd();
        Assert.All(sent, f => Assert.Equal((FrameType.Heartbeat, 0, 0), (f.Type, f.Channel, f.Payload.Length)));
        Assert.InRange(sent.Count, 5, 7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(9)]
    public async Task The_broker_is_never_silent_for_longer_than_half_an_interval_from_tune_ok_on(ushort interval)
    {
        var client = Connect();
        var handshake = new Handshake { Heartbeat = interval };
        await client.Wire.LogIn(handshake);
        await SendAndWait(client, Frames.Method(0, handshake.TuneOk));
        await Watched(client, interval, steps: 40); // not yet open
        await client.Wire.Send(0, handshake.Open);
        await client.Wire.Expect<Amqp.Methods.ConnectionOpenOk>(0);
        await client.Wire.OpenChannel(1);
        var dice = new Random(interval);
        await Watched(client, interval, steps: 400, () => dice.Next(12) == 0 ? client.Wire.Sync(1) : SendHeartbeat(client));
    }

    [Fact]
    public async Task Nor_while_the_client_is_held_back()
    {
        var client = await OpenChannel(EveryTenSeconds);
        await client.Wire.Declare(1, "slow");
        var valve = Valve.Before(Broker, "slow");
        var flood = client.Wire.SendFlood(Enumerable.Range(0, 40).SelectMany(_ => Frames.Publish(1, "", "slow", new byte[8192])).ToArray());
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        await Watched(client, interval: 10, steps: 200);

        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task Any_other_frame_of_the_broker_stands_for_a_heartbeat()
    {
        var client = await OpenChannel(EveryTenSeconds);
        await Pass(10 * Half, Half, client, () => client.Wire.Sync(1));

        client.Wire.FinishSending();
        Assert.DoesNotContain(await client.Wire.ReadToEnd(), f => f.Type == FrameType.Heartbeat);
    }

    [Fact]
    public async Task A_client_that_is_silent_for_two_intervals_is_cut_off()
    {
        var client = await Open(EveryTenSeconds);
        await Pass(3 * Half, Half, client);
        Assert.False(client.Socket.WasAborted);
        await Pass(2 * Half, Half, client);

        Assert.True(client.Socket.WasAborted);
        await client.Ended();
        await Eventually(() => Diary.Warnings.Any(w => w.Contains("missed heartbeats", StringComparison.Ordinal)), "a line in the log");
    }

    [Fact]
    public async Task A_client_that_sends_heartbeats_stays()
    {
        var client = await OpenChannel(EveryTenSeconds);
        await Pass(60 * Half, Half, client, () => SendHeartbeat(client));

        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task Single_bytes_of_a_frame_that_never_ends_are_signs_of_life()
    {
        var client = await Open(EveryTenSeconds);
        var frame = Frames.Body(1, new byte[100]);
        var at = 0;
        await Pass(20 * Half, Half, client, () => SendAndWait(client, frame.AsMemory(at++, 1)));

        Assert.False(client.Socket.WasAborted);
    }

    [Fact]
    public async Task What_a_silent_client_held_goes_to_another_connection()
    {
        var silent = await OpenChannel(EveryTenSeconds);
        await silent.Wire.Declare(1, "work");
        await silent.Wire.Consume(1, "work");
        await silent.Wire.Publish(1, "work", "first");
        await silent.Wire.Publish(1, "work", "second");
        Assert.Equal("first", (await silent.Wire.ExpectDelivery(1)).Text);
        var other = await OpenChannel();
        await other.Wire.Consume(1, "work");

        await Pass(6 * Half, Half, silent);
        await silent.Ended();
        var first = await other.Wire.ExpectDelivery(1);
        var second = await other.Wire.ExpectDelivery(1);
        Assert.Equal(("first", true), (first.Text, first.Redelivered));
        Assert.Equal(("second", true), (second.Text, second.Redelivered));
    }

    [Fact]
    public async Task A_client_that_the_broker_itself_does_not_read_is_not_called_silent()
    {
        var client = await OpenChannel(EveryTenSeconds);
        await client.Wire.Declare(1, "slow");
        var valve = Valve.Before(Broker, "slow");
        var flood = client.Wire.SendFlood(Enumerable.Range(0, 40).SelectMany(_ => Frames.Publish(1, "", "slow", new byte[8192])).ToArray());
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");

        await Pass(40 * Half, Half, client);
        Assert.False(client.Socket.WasAborted);
        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.RoundTrip(1);
    }

    /// <summary>Lets time pass in small steps; the broker must send something in each half interval.</summary>
    private async Task Watched(ServedClient client, int interval, int steps, Func<Task>? eachStep = null)
    {
        var step = TimeSpan.FromSeconds(interval) / 40;
        var (sends, quiet) = (client.Connection.Outbox.Sends, TimeSpan.Zero);
        for (var i = 0; i < steps; i++)
        {
            await Pass(step, step, client, eachStep);
            var now = client.Connection.Outbox.Sends;
            quiet = now != sends ? TimeSpan.Zero : quiet + step;
            sends = now;
            Assert.True(quiet <= TimeSpan.FromSeconds(interval) / 2, $"silent for {quiet} in step {i}");
        }
    }

    private static Task SendHeartbeat(ServedClient client) => SendAndWait(client, Frames.Heartbeat);

    private static async Task SendAndWait(ServedClient client, ReadOnlyMemory<byte> bytes)
    {
        var reads = client.Connection.Reads;
        await client.Wire.Send(bytes);
        await Eventually(() => client.Connection.Reads > reads, "the broker to read a sign of life");
    }
}
