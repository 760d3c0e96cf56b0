using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Scenarios;

/// <summary>Several consumers, slow ones, and ones that go away.</summary>
public abstract class ConsumerScenarioSpec(Broker broker) : RawSpec(broker)
{
    [ConformanceFact]
    public async Task SD_17_Over_the_limit_the_oldest_orders_are_dropped_by_default()
    {
        var queue = await Queue("orders", ("x-max-length", 3));

        await Send(queue, Numbers(6));

        Assert.Equal(["3", "4", "5"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_17_Over_the_limit_new_orders_are_refused_with_reject_publish()
    {
        var queue = await Queue("orders", ("x-max-length", 3), ("x-overflow", "reject-publish"));

        var accepted = await (await Publisher()).PublishAll("", queue, Numbers(6));

        Assert.Equal([true, true, true, false, false, false], accepted);
        Assert.Equal(["0", "1", "2"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_18_A_consumer_never_holds_more_than_its_prefetch()
    {
        const uint Backlog = 10_000;
        var queue = await Queue();
        await Send(queue, Numbers((int)Backlog));
        var inbox = await Consume(queue, prefetch: 5);

        for (var done = 0u; done < 200; done++)
        {
            var next = await inbox.Next();
            Assert.Equal($"{done}", next.Body);
            if (done % 20 == 0)
            {
                // One is in hand, four wait: all five are unacknowledged, everything else is in the queue.
                await Phase.Until("five at the consumer", () => Task.FromResult(inbox.Waiting == 4));
                Assert.Equal(Backlog - done - 5, await Depth(queue));
            }

            await inbox.Ack(next);
        }
    }

    [ConformanceFact]
    public async Task SD_24_A_hundred_channels_share_a_connection_and_an_error_ends_only_one()
    {
        var connection = await Connect();
        var queue = await Queue();
        var channels = new List<IChannel>();
        for (var n = 0; n < 100; n++)
        {
            channels.Add(await Open(connection));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => channels[50].QueueDeclarePassiveAsync(Name("nope")));

        Assert.False(channels[50].IsOpen);
        channels.RemoveAt(50);
        foreach (var channel in channels)
        {
            Assert.Equal(queue, (await channel.QueueDeclarePassiveAsync(queue)).QueueName);
        }
    }

    [ConformanceFact]
    public async Task SD_25_Messages_go_round_among_the_consumers()
    {
        var queue = await Queue();
        var a = await Consume(queue);
        var b = await Consume(queue);
        var c = await Consume(queue);

        await Send(queue, Numbers(9));

        Assert.Equal(["0", "3", "6"], await a.Bodies(3));
        Assert.Equal(["1", "4", "7"], await b.Bodies(3));
        Assert.Equal(["2", "5", "8"], await c.Bodies(3));
    }

    [ConformanceFact]
    public async Task SD_26_A_consumer_that_joins_gets_its_share_of_the_backlog_at_once()
    {
        var queue = await Queue();
        await Send(queue, Numbers(100));
        var first = await Consume(queue, prefetch: 10);
        Assert.Equal(Numbers(10), await first.Bodies(10));

        var second = await Consume(queue, prefetch: 10);

        Assert.Equal(Numbers(20)[10..], await second.Bodies(10));
        Assert.Equal(80u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task SD_28_An_acknowledged_message_is_gone_for_good()
    {
        var queue = await Queue();
        await Send(queue, "kept", "done");
        var connection = await Connect();
        var inbox = await Consume(queue, connection: connection);
        await inbox.Next();
        await inbox.Ack(await inbox.Next());

        await connection.CloseAsync();

        Assert.Equal(["kept"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_28_Without_acknowledgements_a_message_is_gone_at_delivery()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        var connection = await Connect();
        var inbox = await Consume(queue, autoAck: true, connection: connection);
        await inbox.Take(3);

        await connection.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_29_Messages_of_a_consumer_that_was_cut_off_come_back_in_order()
    {
        var queue = await Queue();
        await Send(queue, Numbers(4));
        await HoldTwoAndVanish(queue);
        await Phase.Until("the lost consumer to be noticed", async () => await Channel.ConsumerCountAsync(queue) == 0);

        var next = await (await Consume(queue)).Take(4);

        Assert.Equal(
            [("0", true), ("1", true), ("2", false), ("3", false)], next.Select(d => (d.Body, d.Redelivered)));
    }

    [ConformanceFact]
    public async Task SD_29_A_consumer_that_waits_takes_over_at_once()
    {
        var queue = await Queue();
        await Send(queue, Numbers(2));
        await HoldTwoAndVanish(queue);

        var next = await (await Consume(queue)).Take(2);

        Assert.Equal([("0", true), ("1", true)], next.Select(d => (d.Body, d.Redelivered)));
    }

    private async Task HoldTwoAndVanish(string queue)
    {
        var client = await OpenRawChannel();
        await client.Send(1, Methods.BasicQos, a => a.Long(0).Short(2).Octet(0));
        await client.Expect(Methods.BasicQosOk);
        await client.Consume(queue);
        for (var delivery = 0; delivery < 2; delivery++)
        {
            await client.ExpectDelivery();
        }

        client.Reset();
    }
}
