using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Confirms of a queue that is slower than the client's mind changes.</summary>
public sealed class LateConfirmSpec : ListenerSpec
{
    [Fact]
    public async Task A_confirm_for_a_closed_channel_does_not_reach_the_next_one_of_that_number()
    {
        var (client, valve) = await PublishToSlowQueue();
        await client.Wire.Call<ChannelClose, ChannelCloseOk>(1, new ChannelClose(ReplyCode.Success, "", 0, 0));
        await client.Wire.OpenChannel(1);
        await client.Wire.Confirms(1);
        valve.Open();
        await OthersAreServed();

        await client.Wire.Publish(1, "slow", "of the new channel");
        Assert.Equal(1UL, (await client.Wire.Expect<BasicAck>(1)).DeliveryTag);
        await client.Wire.Sync(1); // its answer is the next frame: there was one ack, not two
        Assert.Equal(2u, (await client.Wire.Declare(1, "slow", passive: true)).MessageCount);
    }

    [Fact]
    public async Task No_confirm_follows_connection_close()
    {
        var (client, valve) = await PublishToSlowQueue();
        await client.Wire.Send(1, default(ChannelOpen)); // the second: a hard error
        await client.Wire.Expect<ConnectionClose>(0);
        valve.Open();
        await OthersAreServed();

        await client.Wire.Send(0, default(ConnectionCloseOk));
        await client.Wire.ExpectEnd();
    }

    [Fact]
    public async Task No_confirm_follows_channel_close_of_the_broker()
    {
        var (client, valve) = await PublishToSlowQueue();
        await client.Wire.Publish(1, "slow", "behind it");
        await client.Wire.Send(1, new BasicAck(99, Multiple: false));
        await client.Wire.Expect<ChannelClose>(1);
        valve.Open();
        await OthersAreServed();

        await client.Wire.Send(1, default(ChannelCloseOk));
        await client.Wire.OpenChannel(1); // the very next frame
    }

    private async Task<(ServedClient Client, Valve Valve)> PublishToSlowQueue()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "slow");
        await client.Wire.Confirms(1);
        var valve = Valve.Before(Broker, "slow");
        await client.Wire.Publish(1, "slow", "of the old channel");
        await client.Wire.Prefetch(1, 0);
        return (client, valve);
    }
}
