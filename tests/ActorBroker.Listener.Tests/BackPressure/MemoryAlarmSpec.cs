using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.BackPressure;

/// <summary>Memory is short: publishers are told and wait, consumers go on.</summary>
public sealed class MemoryAlarmSpec() : ListenerSpec("actor-broker.memory { high-watermark = 100%, check-interval = 1m }")
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var owner = await OpenChannel();
        await owner.Wire.Declare(1, "q");
        await owner.Wire.Close();
    }

    public override Task DisposeAsync()
    {
        AlarmOff();
        return base.DisposeAsync();
    }

    [Fact]
    public async Task A_publisher_is_told_blocked_and_unblocked_and_nothing_of_it_is_lost()
    {
        var publisher = await Publisher();
        AlarmOn();
        Assert.Equal("low on memory", (await publisher.Wire.Expect<ConnectionBlocked>(0)).Reason);
        await publisher.Wire.Publish(1, "q", "during");
        await Eventually(() => publisher.Connection.IsHeldBack, "the publisher to be held back");
        AlarmOff();

        await publisher.Wire.Expect<ConnectionUnblocked>(0);
        await publisher.Wire.Publish(1, "q", "after");
        Assert.Equal("before", (await publisher.Wire.Get(1, "q"))?.Text);
        Assert.Equal("during", (await publisher.Wire.Get(1, "q"))?.Text);
        Assert.Equal("after", (await publisher.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task What_a_blocked_publisher_sends_is_not_read_until_the_alarm_is_over()
    {
        var publisher = await Publisher();
        var watcher = await OpenChannel();
        AlarmOn();
        await publisher.Wire.Expect<ConnectionBlocked>(0);
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await publisher.Wire.SendFlood(Frames.Publish(1, "", "q", new byte[8192]));
            }
        });
        await Eventually(() => publisher.Connection.IsHeldBack, "the publisher to be held back");

        var taken = (await watcher.Wire.Declare(1, "q", passive: true)).MessageCount;
        Assert.InRange(taken, 1u, 1u + (MemorySocket.Room / 8192) + 1);
        await OthersAreServedWhoOnlyConsume();
        Assert.Equal(taken, (await watcher.Wire.Declare(1, "q", passive: true)).MessageCount);
        AlarmOff();
        await flood.WaitAsync(WireClient.Patience);
        await publisher.Wire.Expect<ConnectionUnblocked>(0);
        await publisher.Wire.Sync(1);
        Assert.Equal(101u, (await watcher.Wire.Declare(1, "q", passive: true)).MessageCount);
    }

    [Fact]
    public async Task Consumers_go_on()
    {
        var publisher = await Publisher();
        var consumer = await OpenChannel();
        await consumer.Wire.Consume(1, "q");
        Assert.Equal("before", (await consumer.Wire.ExpectDelivery(1)).Text);
        AlarmOn();

        await publisher.Wire.Publish(1, "q", "during"); // the one that is read before it is held back
        var delivery = await consumer.Wire.ExpectDelivery(1);
        await consumer.Wire.Send(1, new BasicAck(delivery.Tag, Multiple: true));
        await consumer.Wire.Sync(1);
        Assert.Equal(0u, (await consumer.Wire.Declare(1, "q", passive: true)).MessageCount);
    }

    [Fact]
    public async Task A_connection_that_never_published_is_told_nothing_until_it_publishes()
    {
        var quiet = await OpenChannel();
        AlarmOn();
        await quiet.Wire.Sync(1); // neither blocked nor held back
        await quiet.Wire.Publish(1, "q", "the first");

        await quiet.Wire.Expect<ConnectionBlocked>(0);
        AlarmOff();
        await quiet.Wire.Expect<ConnectionUnblocked>(0);
    }

    [Fact]
    public async Task A_publisher_inside_a_transaction_is_held_back_before_it_commits()
    {
        var publisher = await OpenChannel();
        await publisher.Wire.Call<TxSelect, TxSelectOk>(1, default);
        AlarmOn();
        await publisher.Wire.Publish(1, "q", "nobody has seen it yet");

        await publisher.Wire.Expect<ConnectionBlocked>(0);
        AlarmOff();
        await publisher.Wire.Expect<ConnectionUnblocked>(0);
        await publisher.Wire.Call<TxCommit, TxCommitOk>(1, default);
    }

    [Fact]
    public async Task A_body_that_is_still_coming_is_held_back()
    {
        var publisher = await OpenChannel();
        AlarmOn();
        await publisher.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 100 << 20), .. Frames.Body(1, new byte[1000])]);

        await publisher.Wire.Expect<ConnectionBlocked>(0);
    }

    [Fact]
    public async Task A_client_without_the_capability_is_told_nothing_and_waits_all_the_same()
    {
        var publisher = await Publisher(new Handshake { Capabilities = [] });
        AlarmOn();
        await publisher.Wire.Publish(1, "q", "during");
        await Eventually(() => publisher.Connection.IsHeldBack, "the publisher to be held back");
        AlarmOff();

        await publisher.Wire.Sync(1); // its answer is the next frame: nothing came before
    }

    [Fact]
    public async Task Confirms_of_what_was_held_back_come_when_the_alarm_is_over()
    {
        var publisher = await Publisher();
        await publisher.Wire.Confirms(1);
        AlarmOn();
        await publisher.Wire.Expect<ConnectionBlocked>(0);
        var all = Enumerable.Range(0, 200).SelectMany(_ => Frames.Publish(1, "", "q", new byte[1024])).ToArray();
        var flood = publisher.Wire.SendFlood(all);
        await Eventually(() => publisher.Connection.IsHeldBack, "the publisher to be held back");
        AlarmOff();
        await flood.WaitAsync(WireClient.Patience);

        var confirmed = 0UL;
        var unblocked = 0;
        while (confirmed < 200 || unblocked == 0)
        {
            var frame = await publisher.Wire.Read("confirms and connection.unblocked");
            confirmed = frame!.MethodId == BasicAck.Id ? frame.As<BasicAck>().DeliveryTag : confirmed;
            unblocked += frame.MethodId == ConnectionUnblocked.Id ? 1 : 0;
        }

        Assert.Equal((200UL, 1), (confirmed, unblocked));
    }

    [Fact]
    public async Task However_fast_the_alarm_flickers_the_last_thing_a_publisher_hears_is_right()
    {
        var publisher = await Publisher();
        var watched = new List<uint>();
        for (var i = 0; i < 300; i++)
        {
            var publish = publisher.Wire.Publish(1, "q", "flicker");
            AlarmOn();
            if (i % 3 == 0)
            {
                await publish;
            }

            AlarmOff();
            await publish;
        }

        await ActorIsUpToDate(publisher);
        await Eventually(() => !publisher.Connection.IsHeldBack, "the publisher to go on");
        await publisher.Wire.Send(Frames.Method(1, new BasicQos(0, 0, Global: false)));
        while (await publisher.Wire.Read("qos-ok") is { } frame && frame.MethodId != BasicQosOk.Id)
        {
            watched.Add(frame.MethodId);
        }

        Assert.Equal(watched.Count(id => id == ConnectionBlocked.Id), watched.Count(id => id == ConnectionUnblocked.Id));
        Assert.True(watched.Count == 0 || watched[^1] == ConnectionUnblocked.Id);
    }

    private void AlarmOn() => Broker.Memory.Measured(long.MaxValue);

    private void AlarmOff() => Broker.Memory.Measured(0);

    private async Task<ServedClient> Publisher(Handshake? handshake = null)
    {
        var publisher = await OpenChannel(handshake);
        await publisher.Wire.Publish(1, "q", "before");
        await publisher.Wire.Sync(1);
        return publisher;
    }

    private async Task OthersAreServedWhoOnlyConsume()
    {
        var other = await OpenChannel();
        await other.Wire.Declare(1, "", exclusive: true);
        Assert.Null(await other.Wire.Get(1, ""));
        await other.Wire.Close();
    }
}
