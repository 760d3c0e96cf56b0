using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Publishing;
using ActorBroker.Listener.Connections;
using Akka.Actor;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// RabbitMQ's direct reply-to: a consumer of the pseudo-queue <c>amq.rabbitmq.reply-to</c> gets replies without any queue. Requests
/// carry a generated name; publishes to it go straight to the consumer's actor.
/// </summary>
internal sealed class DirectReply : IDisposable
{
    private readonly AmqpChannel _channel;
    private readonly QueueHandle _address;

    private DirectReply(AmqpChannel channel, string tag)
    {
        _channel = channel;
        _address = QueueHandle.ForReplies(channel.Connection.VirtualHost.Name, $"{PublishChecks.ReplyPseudoQueue}.{channel.Connection.Broker.RandomName()}");
        Link = new ConsumerLink(_address, channel.Deliveries, tag, noAck: true, exclusive: false, prefetch: 0, priority: 0, getsOnly: false, gate: null);
    }

    /// <summary>The consumer.</summary>
    public ConsumerLink Link { get; }

    /// <summary>What requests carry as reply-to.</summary>
    public byte[] Address => Encoding.UTF8.GetBytes(_address.Name);

    /// <summary>Is this the pseudo-queue, or a generated name of it?</summary>
    public static bool IsPseudoQueue(string name) => name.StartsWith(PublishChecks.ReplyPseudoQueue, StringComparison.Ordinal);

    /// <summary>basic.consume on the pseudo-queue.</summary>
    /// <exception cref="ChannelException">406: there is one on this channel, or it wants to ack.</exception>
    public static async ValueTask Consume(AmqpChannel channel, BasicConsume m, string tag)
    {
        if (channel.Replies is not null)
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, "reply consumer already set", BasicConsume.Id);
        }

        if (!m.NoAck)
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, "reply consumer cannot acknowledge", BasicConsume.Id);
        }

        var replies = new DirectReply(channel, tag);
        channel.AddConsumer(replies.Link, m.NoWait);
        var started = new Reply<bool>();
        channel.Connection.Actor.Tell(new ConnectionProtocol.StartConsumer(replies.Link, started), ActorRefs.NoSender);
        await channel.Answer(started.Task);
        if (channel.IsClosing)
        {
            channel.Connection.Actor.Tell(new ConnectionProtocol.ConsumersGone([replies.Link]), ActorRefs.NoSender);
            return;
        }

        replies._address.ServedBy(replies.Link.Actor);
        channel.Connection.VirtualHost.Replies.Add(replies._address);
        channel.Replies = replies;
    }

    /// <summary>The name routes no more.</summary>
    public void Dispose()
    {
        _channel.Connection.VirtualHost.Replies.Remove(_address);
        _channel.RemoveConsumer(Link);
        _channel.Connection.Actor.Tell(new ConnectionProtocol.ConsumersGone([Link]), ActorRefs.NoSender);
    }
}
