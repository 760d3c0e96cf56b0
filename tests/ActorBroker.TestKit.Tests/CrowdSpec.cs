using System.Diagnostics;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests;

/// <summary>Many brokers in one process.</summary>
public sealed class CrowdSpec(ITestOutputHelper output)
{
    private const int Brokers = 100;

    [Fact]
    public async Task A_hundred_brokers_in_parallel_do_not_hear_each_other()
    {
        var kits = await Task.WhenAll(Enumerable.Range(0, Brokers).Select(_ => Kit.Start()));
        await Task.WhenAll(kits.Select((kit, number) => Task.Run(() => kit.Play(number))));
        await Task.WhenAll(kits.Select(kit => kit.End()));
    }

    [Fact]
    public async Task A_broker_confirms_its_first_message_soon()
    {
        var times = new List<double>();
        for (var i = 0; i < 21; i++)
        {
            var since = Stopwatch.StartNew();
            var kit = await Kit.Start();
            await kit.PublishOne();
            times.Add(since.Elapsed.TotalMilliseconds);
            await kit.End();
        }

        times.Sort();
        output.WriteLine($"start to first confirm, ms: median {times[10]:F1}, fastest {times[0]:F1}, slowest {times[^1]:F1}");
        Assert.True(times[10] < 1000, $"median {times[10]} ms");
    }

    /// <summary>Actor systems block while they are made and ended; a hundred at once would wait for the pool to grow, thread by thread.</summary>
    private static Task OnItsOwnThread(Func<Task> what) =>
        Task.Factory.StartNew(what, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private sealed class Kit : BrokerTestKit
    {
        public static async Task<Kit> Start()
        {
            Kit kit = null!;
            await OnItsOwnThread(() => (kit = new Kit()).InitializeAsync());
            return kit;
        }

        public async Task PublishOne()
        {
            await Broker.DeclareQueue("work");
            await Broker.Publish("", "work", "first");
        }

        public async Task Play(int number)
        {
            await Broker.DeclareQueue("work");
            var consumer = await Broker.Consume("work", prefetch: 10);
            for (var i = 0; i < 10; i++)
            {
                await Broker.Publish("", "work", $"{number}/{i}");
                await Clock.AdvanceAsync(TimeSpan.FromMinutes(number + 1));
                (await consumer.ExpectDeliveryAsync($"{number}/{i}")).Ack();
            }

            await consumer.ExpectNoDeliveryAsync();
            Assert.Equal(TimeSpan.FromMinutes(10 * (number + 1)), Clock.Elapsed);
        }

        public async Task End()
        {
            await DisposeAsync();
            await OnItsOwnThread(() =>
            {
                ((IDisposable)this).Dispose();
                return Task.CompletedTask;
            });
        }
    }
}
