using System.Diagnostics;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>Times, bounds and priorities that go on where the life before ended.</summary>
public sealed class QueueLimitSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_time_to_live_goes_on_across_a_restart(bool ofTheQueue)
    {
        var dead = await Queue("dead");
        (string, object?)[] arguments =
        [
            ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", dead),
            .. ofTheQueue ? [("x-message-ttl", (object?)(int)TimeToLive.TotalMilliseconds)] : Array.Empty<(string, object?)>(),
        ];
        var queue = await Queue("short", arguments);
        var properties = Persistent();
        if (!ofTheQueue)
        {
            properties.Expiration = $"{TimeToLive.TotalMilliseconds}";
        }

        var age = Stopwatch.StartNew();
        await Publish("", queue, "m", properties);
        await End(Ending.Kill);
        await Waiting.Until("two thirds of its time are over", () => Task.FromResult(age.Elapsed > TimeToLive * 2 / 3));
        await Resume();

        await Waiting.Until("the message has expired", async () => await Depth(dead) == 1);

        // Had its time begun anew it would live to 10 seconds at least. RabbitMQ needs most of that to start.
        Assert.True(age.Elapsed >= TimeToLive - TimeSpan.FromMilliseconds(50), $"expired after {age.Elapsed}");
        Assert.True(DurableBroker.IsReference || age.Elapsed < TimeToLive * 1.5, $"expired after {age.Elapsed}");
    }

    [Fact]
    public async Task What_expired_while_the_server_was_down_is_not_delivered()
    {
        var queue = await Queue();
        var brief = Persistent();
        brief.Expiration = "300";
        var age = Stopwatch.StartNew();
        await Publish("", queue, "expired", brief);
        var lasting = Persistent();
        lasting.Expiration = "600000";
        await Publish("", queue, "lasting", lasting);
        await End(Ending.Kill);
        await Waiting.Until("its time is over", () => Task.FromResult(age.ElapsedMilliseconds > 400));

        await Resume();

        var inbox = await Consume(queue);
        Assert.Equal("lasting", (await inbox.Next()).Body);
        Assert.Equal(0, inbox.Waiting);
    }

    [Fact]
    public async Task A_bounded_queue_keeps_its_bound_and_its_newest_messages()
    {
        var queue = await Queue("bounded", ("x-max-length", 5));
        await Send(queue, Numbers(8));

        await Restart(Ending.Kill);

        Assert.Equal(5u, await Depth(queue));
        await Send(queue, "8", "9");
        Assert.Equal(["5", "6", "7", "8", "9"], await Bodies(queue));
    }

    [Fact]
    public async Task A_priority_queue_keeps_its_order()
    {
        var queue = await Queue("priority", ("x-max-priority", 5));
        foreach (var (body, priority) in new[] { ("a", 1), ("b", 5), ("c", 3), ("d", 5), ("e", 1), ("f", 0) })
        {
            var properties = Persistent();
            properties.Priority = (byte)priority;
            await Publish("", queue, body, properties);
        }

        await Restart(Ending.Kill);

        var urgent = Persistent();
        urgent.Priority = 4;
        await Publish("", queue, "g", urgent);
        Assert.Equal(["b", "d", "g", "c", "a", "e", "f"], await Bodies(queue));
    }
}
