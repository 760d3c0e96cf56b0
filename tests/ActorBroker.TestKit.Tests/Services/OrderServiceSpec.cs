using System.Diagnostics;
using System.Net;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests.Services;

/// <summary>How a user tests a service that talks AMQP.</summary>
public sealed class OrderServiceSpec(ITestOutputHelper output) : BrokerTestKit(output, journaled: true)
{
    private readonly HttpClient _http = new();

    [Fact]
    public async Task An_order_is_shipped()
    {
        await using var service = await Start();
        Assert.Equal(HttpStatusCode.Created, await Order(service, "1"));
        await Eventually(() => service.Shipped.ContainsKey("1"), "the order to be shipped");
        await Broker.Queue("orders").ShouldHaveUnacked(0);
    }

    [Fact]
    public async Task Orders_that_were_accepted_are_shipped_although_the_broker_dies_in_the_middle()
    {
        await using var service = await Start();
        var accepted = new List<string>();
        var since = Stopwatch.StartNew();
        var crashed = false;
        for (var i = 0; i < 30; i++)
        {
            if (i == 10 && !crashed)
            {
                crashed = true;
                await Broker.CrashAndRestartAsync();
            }

            if (await Order(service, $"{i}") == HttpStatusCode.Created)
            {
                accepted.Add($"{i}");
            }
            else
            {
                Assert.True(since.Elapsed < TimeSpan.FromSeconds(20), $"the service does not connect again: {service.LastFault}");
                await Task.Delay(10);
                i--; // as its caller would
            }
        }

        Assert.Equal(30, accepted.Count);
        await Eventually(() => accepted.TrueForAll(service.Shipped.ContainsKey), "all accepted orders to be shipped");
        await Broker.Queue("orders").ShouldHaveDepth(0);
        await Broker.Queue("orders").ShouldHaveUnacked(0);
    }

    [Fact]
    public async Task An_order_goes_to_the_next_worker_when_one_crashes_before_the_ack()
    {
        await Broker.ListenAsync();
        await using var crashing = await OrderService.StartAsync(Broker.AmqpUri, reconnects: false);
        var reached = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        crashing.Ship = _ =>
        {
            reached.TrySetResult();
            return end.Task;
        };
        await Order(crashing, "1");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Broker.Connections.CutAll(); // that process is gone

        await using var next = await OrderService.StartAsync(Broker.AmqpUri);
        await Eventually(() => next.Shipped.ContainsKey("1"), "the order to be shipped by the next worker");
        Assert.Empty(crashing.Shipped);
        end.SetResult();
    }

    private async Task<OrderService> Start()
    {
        await Broker.ListenAsync();
        return await OrderService.StartAsync(Broker.AmqpUri);
    }

    private async Task<HttpStatusCode> Order(OrderService service, string id)
    {
        using var answer = await _http.PostAsync(new Uri(service.Address, $"/orders/{id}"), null);
        return answer.StatusCode;
    }

    private static async Task Eventually(Func<bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(20), $"waited for {what}");
            await Task.Delay(10);
        }
    }
}
