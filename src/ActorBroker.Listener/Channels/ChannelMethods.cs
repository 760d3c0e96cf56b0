using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 20, channel. channel.open and channel.close are the connection's matter.</summary>
internal static class ChannelMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments)
    {
        switch (id)
        {
            case ChannelFlow.Id:
                Flow(channel, ChannelFlow.Read(ref arguments));
                return default;
            case ChannelFlowOk.Id:
                return default;
            default:
                throw AmqpChannel.Unexpected(id);
        }
    }

    /// <summary>channel.flow (20, 20): RabbitMQ refuses a pause; an operator may allow it.</summary>
    private static void Flow(AmqpChannel channel, ChannelFlow method)
    {
        if (!method.Active && !channel.Connection.Settings.ClientFlow)
        {
            throw new ConnectionException(ReplyCode.NotImplemented, "active=false", ChannelFlow.Id);
        }

        ConsumerLink.Wake(channel.Deliveries.Gate.Set(paused: !method.Active));
        channel.Write(new ChannelFlowOk(method.Active));
    }
}
