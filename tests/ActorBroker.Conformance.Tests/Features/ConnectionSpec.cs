using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>What a stock client does with a connection beside opening channels.</summary>
public abstract class ConnectionSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task A_secret_may_be_updated_on_a_live_connection()
    {
        await Connection.UpdateSecretAsync("guest", "renewed", Phase.Deadline);

        var queue = await Queue();
        await Send(queue, "still here");
    }

    [ConformanceFact]
    public async Task The_limits_of_a_client_win_where_they_are_lower()
    {
        var connection = await Connect(configure: factory =>
        {
            factory.RequestedChannelMax = 7;
            factory.RequestedFrameMax = 8192;
            factory.RequestedHeartbeat = TimeSpan.FromSeconds(13);
        });

        Assert.Equal((ushort)7, connection.ChannelMax);
        Assert.Equal(8192u, connection.FrameMax);
        Assert.Equal(TimeSpan.FromSeconds(13), connection.Heartbeat);
        await Open(connection);
    }

    [ConformanceFact]
    public async Task Bodies_larger_than_the_frame_limit_pass_both_ways()
    {
        var connection = await Connect(configure: factory => factory.RequestedFrameMax = 4096);
        var channel = await Open(connection);
        var queue = await Queue();
        var body = Enumerable.Range(0, 100_000).Select(n => (byte)n).ToArray();

        await channel.BasicPublishAsync(
            "", queue, mandatory: true, new RabbitMQ.Client.BasicProperties(), body, Phase.Deadline);
        await channel.BasicQosAsync(0, 0, global: false);

        Assert.Equal(body, (await Get(queue, autoAck: true, channel))?.Bytes);
    }

    [ConformanceFact]
    public async Task Closing_a_connection_brings_back_what_its_channels_held()
    {
        var queue = await Queue();
        await Send(queue, Numbers(4));
        var connection = await Connect();
        for (var n = 0; n < 4; n++)
        {
            await Get(queue, autoAck: false, await Open(connection));
        }

        await RabbitMQ.Client.IConnectionExtensions.CloseAsync(connection);

        await Phase.Until("all messages to be back", async () => await Depth(queue) == 4);
        Assert.Equal(Numbers(4), await Drain(queue));
    }
}
