using System.Diagnostics;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using ActorBroker.Tests.Shared;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>The disk fills up: publishers are held back, and everybody else goes on.</summary>
public sealed class FullDiskSpec
{
    private const int BodySize = 50_000;

    [SmallDiskFact]
    public Task Below_the_watermark_publishers_wait_and_consumers_drain_and_acks_outlive_a_kill() => FillDrainAndKill(96, "24MiB");

    [SmallDiskFact]
    public Task On_a_disk_that_is_full_the_reserve_serves_consumers_and_operators() => FillDrainAndKill(64, "1MiB");

    [SmallDiskFact]
    public async Task A_fresh_start_on_a_full_disk_says_so_in_one_line()
    {
        using var disk = SmallDisk.Of(8);
        disk.Fill(but: 0);
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => BrokerProcess.StartAsync("--data", disk.Data));
        Assert.Contains($"\nactorbroker: actor-broker.data-dir = {disk.Data}: the disk is full, and the broker cannot open its store. Free some space", failed.Message);
        Assert.DoesNotContain("   at ", failed.Message);
    }

    private static async Task FillDrainAndKill(int megabytes, string watermark)
    {
        using var disk = SmallDisk.Of(megabytes);
        var settings = Path.GetTempFileName();
        await File.WriteAllTextAsync(settings, $"actor-broker.store {{ disk-watermark = {watermark}, disk-reserve = 8MiB, queue-groups = 1 }}"); // one log: what is in it says that what came before is, too
        try
        {
            await using var server = await BrokerProcess.StartAsync("--data", disk.Data, "--config", settings);
            var confirmed = await Fill(server);
            await DrainWhileFull(server, confirmed);
            await server.KillAsync();
            await server.Relaunch();
            await using (var connection = await DurableBroker.Factory(server.Port).CreateConnectionAsync())
            {
                await using var channel = await connection.CreateChannelAsync();
                Assert.Equal(0u, (await channel.QueueDeclarePassiveAsync("drained")).MessageCount); // each ack is known
                var kept = (await channel.QueueDeclarePassiveAsync("kept")).MessageCount;
                Assert.InRange(kept, (uint)confirmed.Kept, uint.MaxValue);
                var clock = Stopwatch.StartNew();
                Assert.Equal(0, await server.EndAsync());
                Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
            }
        }
        finally
        {
            File.Delete(settings);
        }
    }

    /// <summary>Publishes until nothing is confirmed any more.</summary>
    private static async Task<(int Drained, int Kept)> Fill(BrokerProcess server)
    {
        await using var connection = await DurableBroker.Factory(server.Port).CreateConnectionAsync();
        var blocked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionBlockedAsync += (_, e) =>
        {
            blocked.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in new[] { "drained", "kept", "purged" })
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        }

        var publisher = await Publisher.Open(connection, Waiting.Patience);
        var counts = new int[3];
        string[] names = ["drained", "drained", "kept", "purged"];
        var body = new byte[BodySize];
        var persistent = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        var published = Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var name = names[i % names.Length];
                if (!await await publisher.Send("", name, body, persistent))
                {
                    return;
                }

                counts[Array.IndexOf(names, name) switch { 0 => 0, 2 => 1, _ => 2 }]++;
            }
        });
        var reason = await Waiting.For("the publisher to be blocked", blocked.Task);
        Assert.Contains(reason, (string[])["low on disk", "the store does not take messages", "low on disk, the store does not take messages"]);
        Assert.False(published.IsCompleted, "a message was refused");
        return (counts[0], counts[1]);
    }

    private static async Task DrainWhileFull(BrokerProcess server, (int Drained, int Kept) confirmed)
    {
        await using var connection = await DurableBroker.Factory(server.Port).CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var waiting = await Waiting.For("a passive declare", channel.QueueDeclarePassiveAsync("drained"));
        Assert.InRange(waiting.MessageCount, (uint)confirmed.Drained, uint.MaxValue);
        await Waiting.For("a get", channel.BasicGetAsync("purged", autoAck: true));
        await Waiting.For("a purge", channel.QueuePurgeAsync("purged"));
        await Waiting.For("a delete", channel.QueueDeleteAsync("purged"));

        await channel.BasicQosAsync(0, 100, global: false);
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = (int)waiting.MessageCount;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, e) =>
        {
            await channel.BasicAckAsync(e.DeliveryTag, multiple: false);
            if (--left == 0)
            {
                drained.TrySetResult();
            }
        };
        await channel.BasicConsumeAsync("drained", autoAck: false, consumer);
        await Waiting.For($"{left} deliveries", drained.Task);
        Assert.Equal(0u, (await Waiting.For("a passive declare", channel.QueueDeclarePassiveAsync("drained"))).MessageCount); // it has got all acks
        Assert.NotNull(await Waiting.For("a get", channel.BasicGetAsync("kept", autoAck: false))); // let out by the log: the acks are written
    }
}
