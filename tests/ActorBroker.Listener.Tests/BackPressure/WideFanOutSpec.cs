using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.BackPressure;

/// <summary>
/// Few bytes may become many: a message of forty bytes for a hundred queues. What one read brings must not be handed on beyond the bound.
/// </summary>
public sealed class WideFanOutSpec() : ListenerSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private const int MaxInFlight = 64 * 1024;
    private const int Queues = 100;
    private const int Messages = 600; // of one read

    [Fact]
    public async Task What_one_read_brings_is_handed_on_as_queues_take_it()
    {
        var client = await OpenChannel();
        var valves = await Bind(client);
        var flood = Task.Run(() => client.Wire.SendFlood(Flood()));
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        Assert.InRange(valves.Sum(v => v.HeldBytes), MaxInFlight / 2, 2 * MaxInFlight);
        await End(client, valves, flood);
    }

    [Fact]
    public async Task So_is_what_has_waited_behind_an_answer()
    {
        var client = await OpenChannel();
        await client.Wire.OpenChannel(2);
        await client.Wire.Declare(1, "slow");
        var valves = await Bind(client);
        var slow = Valve.Before(Broker, "slow");
        await client.Wire.Send(1, new QueuePurge("slow", NoWait: true));
        await client.Wire.Sync(2);
        await client.Wire.SendFlood(Flood());
        await client.Wire.Sync(2);
        slow.Open();
        await Eventually(() => valves.Sum(v => v.HeldBytes) > MaxInFlight, "the flood to be let go");
        await client.Wire.Sync(2);
        Assert.InRange(valves.Sum(v => v.HeldBytes), MaxInFlight / 2, 2 * MaxInFlight);
        await End(client, valves, Task.CompletedTask);
    }

    private static byte[] Flood() => [.. Enumerable.Range(0, Messages).SelectMany(_ => Frames.Publish(1, "amq.fanout", "", "x"u8.ToArray()))];

    private async Task<Valve[]> Bind(ServedClient client)
    {
        var valves = new Valve[Queues];
        for (var i = 0; i < Queues; i++)
        {
            await client.Wire.Declare(1, $"q{i}");
            await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind($"q{i}", "amq.fanout", "", false, FieldTable.Empty));
            valves[i] = Valve.Before(Broker, $"q{i}");
        }

        return valves;
    }

    private static async Task End(ServedClient client, Valve[] valves, Task flood)
    {
        foreach (var valve in valves)
        {
            valve.Open();
        }

        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.Sync(1);
        foreach (var queue in new[] { "q0", $"q{Queues - 1}" })
        {
            Assert.Equal((uint)Messages, (await client.Wire.Declare(1, queue, passive: true)).MessageCount);
        }
    }
}
