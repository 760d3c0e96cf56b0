using System.Text;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.BackPressure;

/// <summary>A publisher that is faster than its queue: its socket is not read beyond max-in-flight, and nothing is lost.</summary>
public sealed class SlowQueueSpec() : ListenerSpec("actor-broker.amqp.max-in-flight = 64KiB")
{
    private const int MaxInFlight = 64 * 1024;
    private const int Messages = 2000;
    private const int Size = 2048;

    [Fact]
    public async Task No_more_than_max_in_flight_is_read_until_the_queue_goes_on_and_then_all_is_confirmed_in_order()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "slow");
        await client.Wire.Confirms(1);
        var valve = Valve.Before(Broker, "slow");
        var flood = Flood(client);

        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        Assert.False(flood.IsCompleted);
        Assert.InRange(valve.HeldBytes, 1, MaxInFlight + MemorySocket.Room + Size); // at most one socket read more
        var held = valve.HeldBytes;
        var reads = client.Connection.Reads;
        await OthersAreServed();
        Assert.Equal((held, reads), (valve.HeldBytes, client.Connection.Reads));

        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
        await client.Wire.ExpectConfirms(1, Messages);
        await ExpectAll(client);
    }

    [Fact]
    public async Task A_message_that_goes_to_many_queues_counts_for_each_of_them()
    {
        var client = await OpenChannel();
        for (var i = 0; i < 20; i++)
        {
            var queue = (await client.Wire.Declare(1, $"slow-{i}")).Queue;
            await client.Wire.Call<QueueBind, QueueBindOk>(
                1, new QueueBind(queue, "amq.fanout", "", NoWait: false, Amqp.Types.FieldTable.Empty));
        }

        var valves = Enumerable.Range(0, 20).Select(i => Valve.Before(Broker, $"slow-{i}")).ToList();
        var publish = Frames.Publish(1, "amq.fanout", "", new byte[4096]); // 80 KiB with its copies
        await client.Wire.Send(publish);
        await Eventually(() => client.Connection.IsHeldBack, "a single message with 20 copies to hold its publisher back");

        valves.ForEach(v => v.Open());
        await Eventually(() => !client.Connection.IsHeldBack, "the publisher to go on");
    }

    [Fact]
    public async Task A_publisher_that_is_cut_off_while_it_is_held_back_ends_before_the_queue_goes_on()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "slow");
        var valve = Valve.Before(Broker, "slow");
        var flood = Flood(client);
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");

        client.Socket.Abort();
        await client.Ended();
        await OthersAreServed();
        valve.Open();
        await flood.WaitAsync(WireClient.Patience);
    }

    [Fact]
    public async Task Requests_of_another_channel_wait_behind_the_flood_of_the_same_connection_and_are_answered()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "slow");
        await client.Wire.OpenChannel(2);
        var valve = Valve.Before(Broker, "slow");
        var flood = Flood(client);
        await Eventually(() => client.Connection.IsHeldBack, "the flood to be held back");
        valve.Open();
        await flood.WaitAsync(WireClient.Patience);

        await client.Wire.RoundTrip(2);
    }

    private static Task Flood(ServedClient client) => Task.Run(async () =>
    {
        for (var i = 0; i < Messages; i++)
        {
            var body = Encoding.UTF8.GetBytes($"{i}".PadRight(Size));
            if (!await client.Wire.SendFlood(Frames.Publish(1, "", "slow", body)))
            {
                return;
            }
        }
    });

    private static async Task ExpectAll(ServedClient client)
    {
        await client.Wire.Consume(1, "slow", noAck: true);
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", (await client.Wire.ExpectDelivery(1)).Text.TrimEnd());
        }
    }
}
