using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 85, confirm: RabbitMQ's publisher confirms.</summary>
internal static class ConfirmMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments)
    {
        if (id != ConfirmSelect.Id)
        {
            throw AmqpChannel.Unexpected(id);
        }

        var method = ConfirmSelect.Read(ref arguments);
        if (channel.Transaction is not null)
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, "cannot switch from tx to confirm mode", id);
        }

        channel.Publisher.SelectConfirms();
        if (!method.NoWait)
        {
            channel.Write(new ConfirmSelectOk());
        }

        return default;
    }
}
