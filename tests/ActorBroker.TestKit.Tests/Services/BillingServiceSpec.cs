using System.Diagnostics;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests.Services;

/// <summary>How a user tests a service that uses MassTransit.</summary>
public sealed class BillingServiceSpec(ITestOutputHelper output) : BrokerTestKit(output, journaled: true)
{
    private readonly HttpClient _http = new();

    [Fact]
    public async Task A_bill_is_written()
    {
        await using var service = await Start();
        await Request(service, "alice");
        await Eventually(() => service.Book.Written.ContainsKey("alice"), "the bill");
        await Broker.Queue("bills").ShouldHaveUnacked(0);
    }

    [Fact]
    public async Task Bills_that_were_requested_are_written_although_the_broker_dies_in_the_middle()
    {
        await using var service = await Start();
        for (var i = 0; i < 10; i++)
        {
            if (i == 5)
            {
                await Broker.CrashAndRestartAsync();
            }

            await Request(service, $"customer {i}"); // MassTransit waits until it is connected again
        }

        await Eventually(() => service.Book.Written.Count == 10, "all bills");
        await Broker.Queue("bills").ShouldHaveDepth(0);
        await Broker.Queue("bills").ShouldHaveUnacked(0);
    }

    [Fact]
    public async Task A_bill_is_written_by_the_next_worker_when_one_crashes_before_the_ack()
    {
        var reached = new TaskCompletionSource();
        await using var service = await Start();
        var crashes = 1;
        service.Book.Before = async _ =>
        {
            if (Interlocked.Decrement(ref crashes) == 0)
            {
                Broker.Connections.CutAt(1); // the ack is the next thing that it sends
                reached.SetResult();
            }

            await Task.CompletedTask;
        };
        await Request(service, "bob");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually(() => service.Book.Written.GetValueOrDefault("bob") == 2, "the bill to be written again");
        Assert.Equal(1, Broker.Connections.Cut);
        await Broker.Queue("bills").ShouldHaveUnacked(0);
    }

    private async Task<BillingService> Start()
    {
        await Broker.ListenAsync();
        return await BillingService.StartAsync(Broker.AmqpUri);
    }

    private async Task Request(BillingService service, string customer)
    {
        using var answer = await _http.PostAsync(new Uri(service.Address, $"/bills/{customer}"), null);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task Eventually(Func<bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), $"waited for {what}");
            await Task.Delay(10);
        }
    }
}
