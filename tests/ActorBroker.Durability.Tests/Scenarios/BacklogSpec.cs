using System.Buffers.Binary;
using System.Diagnostics;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>Backlogs that are larger than what is kept in memory.</summary>
public sealed class BacklogSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private const int Deep = 30_000; // of 4 KiB: several times the window of bodies that stay in memory
    private const int Page = 4096;
    private const long MebiByte = 1 << 20;

    [Fact]
    public async Task Row_548_A_server_with_a_backlog_accepts_connections_within_five_seconds()
    {
        const int Count = 50_000;
        var queue = await Queue("backlog");
        await Fill(queue, Count, size: 100);
        await End(Ending.Kill);

        var clock = Stopwatch.StartNew();
        await Resume();

        Assert.True(DurableBroker.IsReference || clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
        Assert.Equal((uint)Count, await Depth(queue));
        await DrainsInOrder(queue, 0, Count, size: 100, DurableBroker.MarkOfUntouched(Ending.Kill));
    }

    [Fact]
    public async Task SD_31_A_hundred_thousand_unacknowledged_messages_take_bounded_memory_and_come_back()
    {
        const int Count = 100_000;
        var queue = await Queue("forgotten");
        var before = Server.ResidentBytes;
        await Fill(queue, Count, size: 64);
        var inbox = await Consume(queue);
        await inbox.Take(Count);
        var taken = Server.ResidentBytes - before;

        await inbox.Channel.CloseAsync();
        await Waiting.Until("all are ready again", async () => await Depth(queue) == Count);
        Assert.True(
            DurableBroker.IsReference || taken < 192 * MebiByte,
            $"{Count} unacknowledged messages take {taken / MebiByte} MiB");
        await Restart(Ending.Stop);

        await DrainsInOrder(queue, 0, Count, size: 64, redelivered: true);
    }

    [Fact]
    public async Task A_backlog_beyond_the_memory_window_drains_in_order_in_the_same_life()
    {
        var queue = await Queue("deep");
        var before = Server.ResidentBytes;
        await Fill(queue, Deep, Page);
        var taken = Server.ResidentBytes - before;

        await DrainsInOrder(queue, 0, Deep, Page, redelivered: false);
        Assert.True(
            DurableBroker.IsReference || taken < 2L * Deep * Page,
            $"a backlog of {Deep * Page / MebiByte} MiB takes {taken / MebiByte} MiB");
    }

    [Fact]
    public async Task A_backlog_beyond_the_memory_window_drains_in_order_after_a_kill()
    {
        var queue = await Queue("deep");
        await Fill(queue, Deep, Page);

        await Restart(Ending.Kill);

        await DrainsInOrder(queue, 0, Deep, Page, DurableBroker.MarkOfUntouched(Ending.Kill));
        await Restart(Ending.Stop);
        Assert.Equal(0u, await Depth(queue));
    }

    [Fact]
    public async Task A_half_drained_backlog_goes_on_after_a_restart_while_new_messages_come()
    {
        const int Count = 10_000;
        var queue = await Queue("deep");
        await Fill(queue, Count, Page);
        await DrainsInOrder(queue, 0, Count / 2, Page, redelivered: false);

        await Restart(Ending.Stop);

        await Fill(queue, 1000, Page, first: Count);
        await DrainsInOrder(queue, Count / 2, Count + 1000, Page, redelivered: null);
    }

    [Fact]
    public async Task Single_gets_read_a_paged_queue_in_order_before_and_after_a_restart()
    {
        const int Count = 8_000;
        var queue = await Queue("deep");
        await Fill(queue, Count, Page);
        await GetsInOrder(queue, 0, 1000);

        await Restart(Ending.Stop);

        await GetsInOrder(queue, 1000, 2000);
        Assert.Equal((uint)Count - 2000, await Depth(queue));
    }

    [Fact]
    public async Task Persistent_and_transient_messages_keep_their_common_order_in_a_paged_queue()
    {
        const int Count = 12_000;
        var queue = await Queue("mixed");
        var bodies = Enumerable.Range(0, Count).Select(n => Body(n, Page));
        await (await Publisher()).PublishAll("", queue, bodies, n => n % 3 == 0 ? Transient() : Persistent());

        await DrainsInOrder(queue, 0, Count / 2, Page, redelivered: false);
        await Restart(Ending.Stop);

        var survivors = Enumerable.Range(Count / 2, Count / 2).Where(n => n % 3 != 0).ToList();
        var inbox = await Consume(queue, prefetch: 500);
        foreach (var expected in survivors)
        {
            var next = await inbox.Next();
            Assert.Equal(expected, BinaryPrimitives.ReadInt32LittleEndian(next.Bytes));
            await inbox.Ack(next);
        }
    }

    private static byte[] Body(int number, int size)
    {
        var body = new byte[size];
        new Random(number).NextBytes(body);
        BinaryPrimitives.WriteInt32LittleEndian(body, number);
        return body;
    }

    private static void IsMessage(int number, int size, byte[] body)
    {
        Assert.Equal(number, BinaryPrimitives.ReadInt32LittleEndian(body));
        Assert.True(body.AsSpan().SequenceEqual(Body(number, size)), $"message {number} has another body");
    }

    private async Task Fill(string queue, int count, int size, int first = 0)
    {
        const int Batch = 2000;
        for (var n = 0; n < count; n += Batch)
        {
            var bodies = Enumerable.Range(first + n, Math.Min(Batch, count - n)).Select(i => Body(i, size));
            await (await Publisher()).PublishAll("", queue, bodies, _ => Persistent());
        }
    }

    /// <param name="redelivered">What each message has to say; null where both will do.</param>
    private async Task DrainsInOrder(string queue, int from, int to, int size, bool? redelivered)
    {
        var inbox = await Consume(queue, prefetch: 500);
        for (var n = from; n < to; n++)
        {
            var next = await inbox.Next();
            IsMessage(n, size, next.Bytes);
            Assert.True(redelivered is null || redelivered == next.Redelivered, $"message {n}: {next.Redelivered}");
            if (n % 100 == 99 || n == to - 1)
            {
                await inbox.Ack(next, multiple: true);
            }
        }

        await inbox.Channel.CloseAsync();
    }

    private async Task GetsInOrder(string queue, int from, int to)
    {
        for (var n = from; n < to; n++)
        {
            var got = (await Get(queue, autoAck: false))!;
            IsMessage(n, Page, got.Bytes);
            await Channel.BasicAckAsync(got.Tag, multiple: false);
        }

        await Channel.QueueDeclarePassiveAsync(queue);
    }
}
