using System.Net.Sockets;
using System.Text;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>Which messages are there after a restart.</summary>
public sealed class MessageSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private readonly DurableBroker _broker = broker;

    [Fact]
    public async Task SD_03_A_message_is_delivered_although_its_publisher_died_right_after_the_confirm()
    {
        var queue = await Queue();
        Socket? socket = null;
        var factory = _broker.Factory();
        factory.SocketFactory = family =>
            new TcpClientAdapter(socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp));
        await using var connection = await factory.CreateConnectionAsync("dies");
        var publisher = await ActorBroker.Tests.Shared.Publisher.Open(connection, Waiting.Patience);
        var confirm = await publisher.Send("", queue, "m"u8.ToArray(), Persistent());
        Assert.True(await Waiting.For("the confirm", confirm));

        socket!.Close(timeout: 0); // a reset, as the system sends it for a process that was killed
        await Restart(Ending.Kill);

        Assert.Equal("m", (await (await Consume(queue)).Next()).Body);
    }

    [Fact]
    public async Task SD_15_Orders_accepted_while_the_inventory_was_down_are_there_after_a_restart()
    {
        var queue = await Queue("inventory");
        await Send(queue, Numbers(100));

        await Restart(Ending.Stop);

        var inventory = await Consume(queue);
        Assert.Equal(Numbers(100), (await inventory.Take(100)).Select(d => d.Body));
    }

    [Fact]
    public async Task SD_16_A_confirmed_message_survives_a_kill_at_the_moment_of_the_confirm()
    {
        var queue = await Queue("orders");
        for (var life = 0; life < 3; life++)
        {
            var publisher = await Publisher();
            var confirms = new List<Task<bool>>();
            for (var n = 0; n < 200; n++)
            {
                var body = Encoding.UTF8.GetBytes($"{life}:{n}");
                confirms.Add(await publisher.Send("", queue, body, Persistent()));
            }

            await Waiting.For("the 50th confirm", confirms[49]);
            await End(Ending.Kill);
            var confirmed = confirms.TakeWhile(c => c.IsCompletedSuccessfully).Count();
            await Resume();

            var there = await Bodies(queue);
            Assert.InRange(there.Length, confirmed, 200);
            Assert.Equal(Enumerable.Range(0, there.Length).Select(n => $"{life}:{n}"), there);
        }
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task SD_34_A_transient_message_is_gone_and_its_durable_queue_is_there(Ending how)
    {
        var queue = await Queue();
        await Publish("", queue, "transient", Transient());
        await Publish("", queue, "persistent");
        await Publish("", queue, "says nothing", new BasicProperties());

        await Restart(how);

        Assert.Equal(["persistent"], await Bodies(queue));
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task SD_35_Durable_exchange_durable_queue_and_persistent_message_survive_together(Ending how)
    {
        var exchange = await Exchange("topic");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "orders.*");
        await Publish(exchange, "orders.new", "before");

        await Restart(how);

        await Publish(exchange, "orders.new", "after");
        var both = await Drain(queue);
        Assert.Equal(["before", "after"], both.Select(d => d.Body));
        Assert.All(both, d => Assert.Equal((exchange, "orders.new"), (d.Exchange, d.RoutingKey)));
        Assert.Equal(DurableBroker.MarkOfUntouched(how) ?? both[0].Redelivered, both[0].Redelivered);
        Assert.False(both[1].Redelivered);
    }

    [Fact]
    public async Task An_acknowledged_message_does_not_return_after_SIGTERM_and_others_keep_their_order()
    {
        var queue = await Queue();
        await Send(queue, Numbers(20));
        var inbox = await Consume(queue);
        foreach (var delivery in await inbox.Take(20))
        {
            if (delivery.Body is not ("3" or "7" or "19"))
            {
                await inbox.Ack(delivery);
            }
        }

        // An ack has no answer; the answer to something later on the same channel says that it was seen.
        await inbox.Channel.QueueDeclarePassiveAsync(queue);
        await Restart(Ending.Stop);

        Assert.Equal(["3", "7", "19"], await Bodies(queue));
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task A_purge_lasts(Ending how)
    {
        var queue = await Queue();
        await Send(queue, Numbers(50));
        Assert.Equal(50u, await Channel.QueuePurgeAsync(queue));
        await Send(queue, "after");

        await Restart(how);

        Assert.Equal(["after"], await Bodies(queue));
    }

    [Fact]
    public async Task A_committed_transaction_lasts_and_an_open_one_leaves_nothing()
    {
        var (first, second) = (await Queue("first"), await Queue("second"));
        await using (var open = await Connection.CreateChannelAsync())
        {
            await Channel.TxSelectAsync();
            await Channel.BasicPublishAsync("", first, false, Persistent(), "committed"u8.ToArray());
            await Channel.BasicPublishAsync("", second, false, Persistent(), "committed"u8.ToArray());
            await Channel.TxCommitAsync();
            await open.TxSelectAsync();
            await open.BasicPublishAsync("", first, false, Persistent(), "open"u8.ToArray());
            await open.QueueDeclarePassiveAsync(first);
            await End(Ending.Kill);
        }

        await Resume();

        Assert.Equal(["committed"], await Bodies(first));
        Assert.Equal(["committed"], await Bodies(second));
    }

    [Fact]
    public async Task Acknowledgements_of_a_committed_transaction_last()
    {
        var queue = await Queue();
        await Send(queue, "done", "kept");
        await Channel.TxSelectAsync();
        var done = (await Channel.BasicGetAsync(queue, autoAck: false))!;
        await Channel.BasicAckAsync(done.DeliveryTag, multiple: false);
        await Channel.TxCommitAsync();

        // RabbitMQ writes them a little later, and promises no more.
        await Restart(DurableBroker.IsReference ? Ending.Stop : Ending.Kill);

        Assert.Equal(["kept"], await Bodies(queue));
    }

    [Fact]
    public async Task Messages_survive_many_lives_in_their_order()
    {
        var queue = await Queue();
        for (var life = 0; life < 4; life++)
        {
            await Send(queue, $"{life}a", $"{life}b");
            await Restart(life % 2 == 0 ? Ending.Kill : Ending.Stop);
        }

        Assert.Equal(["0a", "0b", "1a", "1b", "2a", "2b", "3a", "3b"], await Bodies(queue));
    }
}
