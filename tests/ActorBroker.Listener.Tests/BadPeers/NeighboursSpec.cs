using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Listener.Tests.BadPeers;

/// <summary>Clients that misbehave within the rules, next to one that just wants its work done.</summary>
[Collection(Measured.Name)]
public sealed class NeighboursSpec(ITestOutputHelper output) : ListenerSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private const int RoundTrips = 50;

    /// <summary>Frames of a bad client that are handled while a good one waits for one round trip, on average; some hundred are usual.</summary>
    private const int Fair = 10_000;

    [Fact]
    public async Task Three_hundred_clients_that_stop_in_the_middle_of_a_frame_do_not_delay_another()
    {
        var whole = Frames.Publish(1, "", "q", new byte[5000]);
        var random = new Random(300);
        for (var i = 0; i < 300; i++)
        {
            var bad = await OpenChannel();
            await bad.Wire.Send(whole.AsMemory(0, random.Next(1, whole.Length)));
        }

        await GoodClientWorks();
    }

    [Fact]
    public async Task A_flood_into_a_queue_that_nobody_consumes_does_not_stop_another()
    {
        var bad = await OpenChannel();
        await bad.Wire.Declare(1, "flooded", arguments: new Amqp.Types.FieldTable([new("x-max-length", 10_000)]));
        var publish = Enumerable.Repeat(Frames.Publish(1, "", "flooded", new byte[512]), 100).SelectMany(p => p).ToArray();
        using var enough = new CancellationTokenSource();
        var batches = 0;
        var flood = Task.Run(async () =>
        {
            for (; !enough.IsCancellationRequested; Interlocked.Increment(ref batches))
            {
                await bad.Wire.SendFlood(publish);
            }
        });
        await Eventually(() => Volatile.Read(ref batches) > 50, "the flood to flow");

        await GoodClientWorks("messages", () => Volatile.Read(ref batches) * 100);
        await enough.CancelAsync();
        await flood.WaitAsync(WireClient.Patience);
    }

    [Fact]
    public async Task A_client_that_declares_in_a_tight_loop_does_not_stop_another()
    {
        var bad = await OpenChannel();
        var one = Frames.Method(1, new QueueDeclare("again", false, false, false, false, NoWait: true, Amqp.Types.FieldTable.Empty));
        var declare = Enumerable.Repeat(one, 200).SelectMany(p => p).ToArray();
        using var enough = new CancellationTokenSource();
        var batches = 0;
        var loop = Task.Run(async () =>
        {
            for (; !enough.IsCancellationRequested; Interlocked.Increment(ref batches))
            {
                await bad.Wire.SendFlood(declare);
            }
        });
        await Eventually(() => Volatile.Read(ref batches) > 5, "the loop to turn");

        await GoodClientWorks("declarations", () => Volatile.Read(ref batches) * 200);
        await enough.CancelAsync();
        await loop.WaitAsync(WireClient.Patience);
    }

    [Fact]
    public async Task Announced_bodies_of_100_MiB_take_no_more_than_a_first_piece_each_before_they_come()
    {
        const int Channels = 500;
        const long FirstPiece = 160 * 1024;
        var bad = await Open();
        for (ushort n = 1; n <= Channels; n++)
        {
            await bad.Wire.OpenChannel(n);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (ushort n = 1; n <= Channels; n++)
        {
            await bad.Wire.Send((byte[])[.. Frames.PublishMethod(n, "", "q"), .. Frames.Header(n, 100 << 20)]);
        }

        await GoodClientWorks();
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{Channels} announced bodies of 100 MiB take {taken / Channels / 1024.0:0.0} KiB each");
        Assert.InRange(taken, long.MinValue, Channels * FirstPiece);
    }

    [Fact]
    public async Task A_large_body_takes_memory_as_it_comes()
    {
        var bad = await OpenChannel();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await bad.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 100 << 20)]);
        for (var i = 0; i < 20; i++)
        {
            await bad.Wire.SendFlood(Frames.Body(1, new byte[100_000]));
        }

        await OthersAreServed();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 2_000_000, 16 << 20);
    }

    /// <summary>Its turn comes: what the bad client has handled meanwhile is not much for each of its round trips.</summary>
    private async Task GoodClientWorks(string what = "", Func<int>? handled = null)
    {
        var good = await OpenChannel();
        var before = handled?.Invoke() ?? 0;
        for (var i = 0; i < RoundTrips; i++)
        {
            await good.Wire.RoundTrip(1);
        }

        var meanwhile = ((handled?.Invoke() ?? 0) - before) / RoundTrips;
        output.WriteLine($"{meanwhile} {what} of the other in one round trip");
        Assert.InRange(meanwhile, 0, Fair);
        await good.Wire.Close();
    }
}
