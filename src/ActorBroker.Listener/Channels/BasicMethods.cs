using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Publishing;
using ActorBroker.Core.Queues;
using ActorBroker.Listener.Connections;
using Akka.Actor;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 60, basic, but for basic.publish, which <see cref="ChannelPublisher"/> takes.</summary>
internal static class BasicMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments)
    {
        switch (id)
        {
            case BasicAck.Id:
                var ack = BasicAck.Read(ref arguments);
                channel.Settle(ack.DeliveryTag, ack.Multiple, Outcome.Ack, id);
                return default;
            case BasicNack.Id:
                var nack = BasicNack.Read(ref arguments);
                channel.Settle(nack.DeliveryTag, nack.Multiple, nack.Requeue ? Outcome.Requeue : Outcome.Discard, id);
                return default;
            case BasicReject.Id:
                var reject = BasicReject.Read(ref arguments);
                channel.Settle(reject.DeliveryTag, false, reject.Requeue ? Outcome.Requeue : Outcome.Discard, id);
                return default;
            case BasicQos.Id:
                Qos(channel, BasicQos.Read(ref arguments));
                return default;
            case BasicConsume.Id:
                return Consume(channel, BasicConsume.Read(ref arguments));
            case BasicCancel.Id:
                return Cancel(channel, BasicCancel.Read(ref arguments));
            case BasicGet.Id:
                return Get(channel, BasicGet.Read(ref arguments));
            case BasicRecover.Id:
                Recover(channel, BasicRecover.Read(ref arguments).Requeue, id);
                channel.Write(new BasicRecoverOk());
                return default;
            case BasicRecoverAsync.Id:
                Recover(channel, BasicRecoverAsync.Read(ref arguments).Requeue, id);
                return default;
            default:
                throw AmqpChannel.Unexpected(id);
        }
    }

    /// <summary>basic.qos (60, 10): per consumer for those that come, or global, for the whole channel from now on.</summary>
    private static void Qos(AmqpChannel channel, BasicQos m)
    {
        if (m.PrefetchSize != 0)
        {
            throw new ConnectionException(ReplyCode.NotImplemented, $"prefetch_size!=0 ({m.PrefetchSize})", BasicQos.Id);
        }

        if (m.Global)
        {
            ConsumerLink.Wake(channel.Deliveries.Gate.Set(limit: m.PrefetchCount));
        }
        else
        {
            channel.Prefetch = m.PrefetchCount;
        }

        channel.Write(new BasicQosOk());
    }

    private static async ValueTask Consume(AmqpChannel channel, BasicConsume m)
    {
        var connection = channel.Connection;
        var tag = channel.ConsumerTag(m.ConsumerTag);
        if (m.Queue == PublishChecks.ReplyPseudoQueue)
        {
            await DirectReply.Consume(channel, m, tag).ConfigureAwait(false);
            return;
        }

        var name = channel.QueueName(m.Queue, BasicConsume.Id);
        connection.Access.CheckQueueRead(name);
        var queue = QueueMethods.Find(channel, name, BasicConsume.Id);
        var priority = ConsumerArguments.Priority(m.Arguments, queue.Definition.Arguments.Type, queue.Description);
        var link = new ConsumerLink(
            queue, channel.Deliveries, tag, m.NoAck, m.Exclusive, channel.Prefetch, priority, getsOnly: false, channel.Deliveries.Gate);
        channel.AddConsumer(link, m.NoWait);
        var subscribed = new Reply<bool>();
        connection.Actor.Tell(new ConnectionProtocol.StartConsumer(link, subscribed), ActorRefs.NoSender);
        try
        {
            await channel.Answer(subscribed.Task);
        }
        catch
        {
            channel.RemoveConsumer(link);
            throw;
        }
    }

    private static ValueTask Cancel(AmqpChannel channel, BasicCancel m)
    {
        if (channel.Replies is { } replies && replies.Link.Tag == m.ConsumerTag)
        {
            replies.Dispose();
            channel.Replies = null;
        }
        else if (channel.TryCancel(m.ConsumerTag, m.NoWait, out var link))
        {
            link.Queue.Actor.Tell(new QueueProtocol.Cancel(link), ActorRefs.NoSender);
            return default; // cancel-ok comes from the consumer's actor, behind the last delivery
        }

        if (!m.NoWait)
        {
            channel.Write(new BasicCancelOk(m.ConsumerTag));
        }

        return default;
    }

    private static async ValueTask Get(AmqpChannel channel, BasicGet m)
    {
        var name = channel.QueueName(m.Queue, BasicGet.Id);
        channel.Connection.Access.CheckQueueRead(name);
        var getter = channel.Getter(QueueMethods.Find(channel, name, BasicGet.Id), m.NoAck);
        var reply = new Reply<QueueProtocol.GetResult>();
        getter.Queue.Actor.Tell(new QueueProtocol.Get(getter, reply), ActorRefs.NoSender);
        var got = await channel.Answer(reply.Task);
        if (!got.Found)
        {
            channel.Write(new BasicGetEmpty());
            return;
        }

        if (channel.IsClosing)
        {
            ChannelDeliveries.GiveBack(getter);
        }
        else
        {
            channel.Deliveries.WriteGetOk(getter, got);
            channel.Connection.Outbox.RequestFlush();
        }

        if (m.NoAck)
        {
            got.Message.Release();
        }
    }

    /// <summary>basic.recover: everything unacked on the channel goes back to its queues.</summary>
    private static void Recover(AmqpChannel channel, bool requeue, uint methodId)
    {
        if (!requeue && !channel.Connection.Settings.RecoverWithoutRequeue)
        {
            throw new ConnectionException(ReplyCode.NotImplemented, "requeue=false", methodId);
        }

        channel.Deliveries.Settle(0, multiple: true, Outcome.Requeue, methodId, transaction: null);
        channel.Connection.Settling(channel);
    }
}
