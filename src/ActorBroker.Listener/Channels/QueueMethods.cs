using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Publishing;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 50, queue.</summary>
internal static class QueueMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments) => id switch
    {
        QueueDeclare.Id => Declare(channel, QueueDeclare.Read(ref arguments)),
        QueueBind.Id => Bind(channel, QueueBind.Read(ref arguments)),
        QueueUnbind.Id => Unbind(channel, QueueUnbind.Read(ref arguments)),
        QueuePurge.Id => Purge(channel, QueuePurge.Read(ref arguments)),
        QueueDelete.Id => Delete(channel, QueueDelete.Read(ref arguments)),
        _ => throw AmqpChannel.Unexpected(id),
    };

    /// <summary>The queue with this name, seen by this connection.</summary>
    /// <exception cref="ChannelException">404 there is none, 405 it is exclusive to another connection.</exception>
    public static QueueHandle Find(AmqpChannel channel, string name, uint methodId)
    {
        var host = channel.Connection.VirtualHost;
        var queue = host.FindQueue(name) is { IsReplyAddress: false } found ? found : throw new ChannelException(ReplyCode.NotFound, $"no queue '{name}' in vhost '{host.Name}'", methodId);
        queue.CheckAccess(channel.Connection.Id);
        return queue;
    }

    private static async ValueTask Declare(AmqpChannel channel, QueueDeclare m)
    {
        var connection = channel.Connection;
        if (DirectReply.IsPseudoQueue(m.Queue))
        {
            DeclarePseudoQueue(channel, m);
            return;
        }

        var name = m.Queue;
        if (m.Passive)
        {
            name = channel.QueueName(name, QueueDeclare.Id);
        }

        var counts = await channel.Answer(connection.Ask(new TopologyProtocol.DeclareQueue(
            connection.VirtualHost.Name, connection.Id, name, m.Passive, m.Durable, m.Exclusive, m.AutoDelete, m.Arguments)));
        if (m.Exclusive && connection.HasEnded)
        {
            connection.Broker.Topology.Tell(new TopologyProtocol.ConnectionGone(connection.VirtualHost.Name, connection.Id), ActorRefs.NoSender);
            return; // it may have become one of its queues after they were dropped
        }

        channel.LastQueue = counts.Name;
        if (!m.NoWait)
        {
            channel.Write(new QueueDeclareOk(counts.Name, (uint)counts.Ready, (uint)counts.Consumers));
        }
    }

    private static void DeclarePseudoQueue(AmqpChannel channel, QueueDeclare m)
    {
        var replies = m.Queue.Length > PublishChecks.ReplyPseudoQueue.Length
            ? channel.Connection.VirtualHost.FindQueue(m.Queue) is not null
            : true;
        if (!replies)
        {
            throw new ChannelException(
                ReplyCode.NotFound, $"no queue '{m.Queue}' in vhost '{channel.Connection.VirtualHost.Name}'", QueueDeclare.Id);
        }

        if (!m.NoWait)
        {
            channel.Write(new QueueDeclareOk(m.Queue, 0, 1));
        }
    }

    private static async ValueTask Bind(AmqpChannel channel, QueueBind m)
    {
        var connection = channel.Connection;
        var queue = channel.QueueName(m.Queue, QueueBind.Id);
        var key = DefaultKey(channel, m.Queue, m.RoutingKey);
        await channel.Answer(connection.Ask(new TopologyProtocol.Bind(
            connection.VirtualHost.Name, connection.Id, m.Exchange, queue, ToQueue: true, key, m.Arguments)));
        if (!m.NoWait)
        {
            channel.Write(new QueueBindOk());
        }
    }

    private static async ValueTask Unbind(AmqpChannel channel, QueueUnbind m)
    {
        var connection = channel.Connection;
        var queue = channel.QueueName(m.Queue, QueueUnbind.Id);
        var key = DefaultKey(channel, m.Queue, m.RoutingKey);
        await channel.Answer(connection.Ask(new TopologyProtocol.Unbind(
            connection.VirtualHost.Name, connection.Id, m.Exchange, queue, ToQueue: true, key, m.Arguments)));
        channel.Write(new QueueUnbindOk());
    }

    private static async ValueTask Purge(AmqpChannel channel, QueuePurge m)
    {
        var name = channel.QueueName(m.Queue, QueuePurge.Id);
        channel.Connection.Access.CheckQueueRead(name);
        var reply = new Reply<int>();
        Find(channel, name, QueuePurge.Id).Actor.Tell(new QueueProtocol.Purge(reply), ActorRefs.NoSender);
        var purged = await channel.Answer(reply.Task);
        if (!m.NoWait)
        {
            channel.Write(new QueuePurgeOk((uint)purged));
        }
    }

    private static async ValueTask Delete(AmqpChannel channel, QueueDelete m)
    {
        var connection = channel.Connection;
        var name = channel.QueueName(m.Queue, QueueDelete.Id);
        var deleted = await channel.Answer(connection.Ask(new TopologyProtocol.DeleteQueue(
            connection.VirtualHost.Name, connection.Id, name, m.IfUnused, m.IfEmpty)));
        if (!m.NoWait)
        {
            channel.Write(new QueueDeleteOk((uint)deleted));
        }
    }

    /// <summary>With neither queue nor key given, the key is the name of the queue declared last.</summary>
    private static string DefaultKey(AmqpChannel channel, string queue, string key) =>
        queue.Length == 0 && key.Length == 0 ? channel.LastQueue ?? key : key;
}
