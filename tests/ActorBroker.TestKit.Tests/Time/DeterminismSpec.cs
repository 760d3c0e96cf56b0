using System.Text;
using ActorBroker.TestKit.Leaks;
using Xunit.Abstractions;

namespace ActorBroker.TestKit.Tests.Time;

/// <summary>The same scenario gives the same trace each time.</summary>
public sealed class DeterminismSpec(ITestOutputHelper output)
{
    private const int Repetitions = 200;

    [Fact]
    public async Task Two_hundred_repetitions_give_the_same_trace()
    {
        var first = await Play();
        var cost = new Cost();
        for (var i = 1; i < Repetitions; i++)
        {
            Assert.Equal(first, await Play());
        }

        output.WriteLine($"{Repetitions} repetitions: {cost.Real}, processors {cost.Processors}; one trace:{Environment.NewLine}{first}");
        cost.ShouldBeLessThan(TimeSpan.FromSeconds(20)); // 4 s on a quiet machine
    }

    private static async Task<string> Play()
    {
        var scenario = new Scenario();
        await scenario.InitializeAsync();
        var trace = await scenario.Play();
        await scenario.DisposeAsync();
        ((IDisposable)scenario).Dispose();
        return trace;
    }

    private sealed class Scenario : BrokerTestKit
    {
        private readonly StringBuilder _trace = new();

        public async Task<string> Play()
        {
            LeakHunt = LeakKinds.All & ~(LeakKinds.Unacked | LeakKinds.DeadLetteredMessages);
            await Broker.DeclareQueue("late");
            await Broker.DeclareQueue("work", new QueueOptions
            {
                MessageTtl = TimeSpan.FromMinutes(10),
                DeadLetterExchange = "",
                DeadLetterRoutingKey = "late",
                DeliveryLimit = 2,
            });
            await Broker.DeclareQueue("short", new QueueOptions { Expires = TimeSpan.FromMinutes(30) });
            var late = await Broker.Consume("late");
            var dying = await Broker.Consume("work", prefetch: 2);
            var slow = await Broker.Consume("work", prefetch: 1);
            for (var i = 0; i < 8; i++)
            {
                await Broker.Publish("", "work", $"job {i}");
                await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
            }

            Note("dying", dying);
            Note("slow", slow);
            await dying.KillAsync();
            Note("slow", slow);
            await Clock.AdvanceAsync(TimeSpan.FromMinutes(4));
            Note("late", late);
            var next = await Broker.Consume("work", prefetch: 1);
            for (var i = 0; i < 4; i++)
            {
                while (next.HasMessages)
                {
                    var delivery = (Delivery)next.ReceiveOne(TimeSpan.Zero);
                    _trace.AppendLine($"{Clock.Elapsed} next {delivery.Text} {delivery.Redelivered}");
                    delivery.Nack();
                    await Clock.AtRestAsync();
                }

                await Clock.AdvanceAsync(TimeSpan.FromMinutes(2));
                Note("late", late);
            }

            await Clock.AdvanceAsync(TimeSpan.FromHours(1));
            Note("late", late);
            _trace.AppendLine($"short: {await Broker.Queue("short").DepthAsync()}, work: {await Broker.Queue("work").DepthAsync()}");
            return _trace.ToString();
        }

        private void Note(string who, Scenarios.ConsumerProbe probe)
        {
            while (probe.HasMessages)
            {
                var delivery = (Delivery)probe.ReceiveOne(TimeSpan.Zero);
                _trace.AppendLine($"{Clock.Elapsed} {who} {delivery.Text} {delivery.Redelivered}");
            }
        }
    }
}
