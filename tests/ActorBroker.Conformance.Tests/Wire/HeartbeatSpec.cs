using System.Diagnostics;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>Heartbeats of one second, both ways.</summary>
public abstract class HeartbeatSpec(Broker broker) : RawSpec(broker)
{
    private static readonly Handshake EverySecond = new() { Heartbeat = 1 };

    [ConformanceFact]
    public async Task A_silent_client_gets_heartbeats_and_then_the_end()
    {
        await using var client = await OpenRawChannel(EverySecond);
        var watch = Stopwatch.StartNew();
        var beats = 0;

        Phase.Current = "the broker to give the silent client up";
        while (await client.Read() is { } frame)
        {
            Assert.Equal((FrameBytes.HeartbeatFrame, 0), (frame.Type, (int)frame.Channel));
            beats++;
        }

        Assert.InRange(beats, 1, 8);
        Assert.InRange(watch.Elapsed.TotalSeconds, 1, 8);
    }

    [ConformanceFact]
    public async Task A_client_that_answers_heartbeats_is_kept()
    {
        await using var client = await OpenRawChannel(EverySecond);

        for (var beat = 0; beat < 8; beat++)
        {
            Phase.Current = $"heartbeat {beat}";
            Assert.Equal(FrameBytes.HeartbeatFrame, (await client.Read())?.Type);
            await client.Send(FrameBytes.Heartbeat);
        }

        await client.RoundTrip();
    }

    [ConformanceFact]
    public async Task SD_30_A_message_stays_with_its_consumer_as_long_as_heartbeats_come()
    {
        var queue = await Queue();
        await Send(queue, "held");
        await using var client = await OpenRawChannel(EverySecond);
        await client.Consume(queue);
        await client.ExpectDelivery();
        var other = await Consume(queue);

        for (var beat = 0; beat < 6; beat++)
        {
            Phase.Current = $"heartbeat {beat}";
            Assert.Equal(FrameBytes.HeartbeatFrame, (await client.Read())?.Type);
            await client.Send(FrameBytes.Heartbeat);
        }

        Assert.Empty(await other.Rest());
        await client.Send(1, Methods.BasicAck, a => a.LongLong(1).Octet(0));
        await client.RoundTrip();
    }

    [ConformanceFact]
    public async Task Messages_of_a_client_that_fell_silent_go_to_the_next()
    {
        var queue = await Queue();
        await Send(queue, "0", "1");
        await using var client = await OpenRawChannel(EverySecond);
        await client.Consume(queue);
        await client.ExpectDelivery();
        var next = await Consume(queue);

        var deliveries = await next.Take(2);

        Assert.Equal([("0", true), ("1", true)], deliveries.Select(d => (d.Body, d.Redelivered)));
    }
}
