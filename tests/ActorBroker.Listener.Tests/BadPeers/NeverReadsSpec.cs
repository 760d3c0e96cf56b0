using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Connections;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Listener.Tests.BadPeers;

/// <summary>A client that asks and never reads the answers: what waits for it is bounded, and it harms nobody else.</summary>
[Collection(Measured.Name)]
public sealed class NeverReadsSpec(ITestOutputHelper output) : ListenerSpec
{
    private const int Large = 64 * 1024;
    private const long Ceiling = 64 << 20;

    private static readonly byte[] GetAndGiveBack =
    [
        .. Frames.Method(1, new BasicGet("q", NoAck: false)), .. Frames.Method(1, new BasicNack(0, Multiple: true, Requeue: true)),
    ];

    [Fact]
    public async Task A_consumer_that_does_not_read_takes_a_few_mebibytes_from_a_fast_queue_and_no_more()
    {
        const int Messages = 32_768;
        var owner = await OpenChannel();
        await owner.Wire.Declare(1, "fast");
        var bad = await OpenChannel();
        await bad.Wire.Send(1, WireClient.ConsumeMethod("fast", noAck: true));
        var publish = Frames.Publish(1, "", "fast", new byte[1024]);
        for (var i = 0; i < Messages / 64; i++)
        {
            await owner.Wire.SendFlood(Enumerable.Repeat(publish, 64).SelectMany(p => p).ToArray());
        }

        await owner.Wire.Sync(1);
        await Eventually(() => bad.Connection.Outbox.IsCongested, "the outbox to fill up");
        await OthersAreServed();
        var left = (await owner.Wire.Declare(1, "fast", passive: true)).MessageCount;
        output.WriteLine($"{Messages - left} KiB of {Messages} KiB are under way to a client that does not read");
        Assert.InRange(Messages - left, 1u, 6u * 1024);
        Assert.Equal("fast", (await owner.Wire.Get(1, "fast"))?.Text.Length == 1024 ? "fast" : "");
    }

    [Fact]
    public async Task A_consumer_that_starts_to_read_again_gets_everything_in_order()
    {
        const int Messages = 8192;
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        var publisher = await OpenChannel();
        await client.Wire.Send(1, WireClient.ConsumeMethod("q", noAck: true));
        for (var i = 0; i < Messages; i++)
        {
            await publisher.Wire.Publish(1, "q", $"{i}".PadRight(1024));
        }

        await publisher.Wire.Sync(1);
        await Eventually(() => client.Connection.Outbox.IsCongested, "the outbox to fill up");
        await client.Wire.Expect<BasicConsumeOk>(1);
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", (await client.Wire.ExpectDelivery(1)).Text.TrimEnd());
        }
    }

    [Fact]
    public async Task Answers_to_basic_get_that_nobody_reads_do_not_pile_up()
    {
        const int Gets = 4000; // 250 MiB of answers to 250 KiB of requests
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.SendFlood(Frames.Publish(1, "", "q", new byte[Large]));
        await client.Wire.Sync(1);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var flood = client.Wire.SendFlood(Enumerable.Repeat(GetAndGiveBack, Gets).SelectMany(p => p).ToArray());

        await Eventually(() => client.Connection.Outbox.IsOverfull || flood.IsCompleted, "the flood to be held back");
        await OthersAreServed();
        Report("unread answers to basic.get", before);
        for (var i = 0; i < Gets; i++)
        {
            await client.Wire.Expect<BasicGetOk>(1);
            Assert.Equal(Large, (await client.Wire.ReadContent(1)).Length);
        }

        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task Returned_messages_that_nobody_reads_do_not_pile_up()
    {
        const int Publishes = 4000; // 250 MiB
        var client = await OpenChannel();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var publish = Frames.Publish(1, "", "nowhere", new byte[Large], mandatory: true);
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < Publishes; i++)
            {
                await client.Wire.SendFlood(publish);
            }
        });

        await Eventually(() => client.Connection.Outbox.IsOverfull || flood.IsCompleted, "the flood to be held back");
        await OthersAreServed();
        Report("unread returns", before);
        for (var i = 0; i < Publishes; i++)
        {
            await client.Wire.Expect<BasicReturn>(1);
            Assert.Equal(Large, (await client.Wire.ReadContent(1)).Length);
        }

        await flood.WaitAsync(WireClient.Patience);
    }

    [Fact]
    public async Task One_that_vanishes_while_much_waits_for_it_leaves_nothing()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.SendFlood(Frames.Publish(1, "", "q", new byte[Large]));
        var flood = client.Wire.SendFlood(Enumerable.Repeat(GetAndGiveBack, 4000).SelectMany(p => p).ToArray());
        await Eventually(() => client.Connection.Outbox.IsOverfull || flood.IsCompleted, "the flood to be held back");
        client.Connection.Abort();

        await client.Ended();
        await flood.WaitAsync(WireClient.Patience);
        await OthersAreServed();
    }

    private void Report(string what, long before)
    {
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{what}: {taken >> 20} MiB, the outbox counts as congested at {Outbox.CongestedAt >> 20} MiB");
        Assert.InRange(taken, long.MinValue, Ceiling);
    }
}
