using ActorBroker.Addresses;
using ActorBroker.Core.Messages;
using ActorBroker.Scheduling;
using Akka.Actor;

namespace ActorBroker.Consumers;

/// <summary>
/// One consumer: takes batches from its queue and encodes them into its connection's outbox, as long as the client keeps up.
/// While it does not, batches wait here, bounded by the consumer's <see cref="Core.Channels.DeliveryWindow"/>.
/// </summary>
internal sealed class ConsumerActor : UntypedActor
{
    private readonly ConsumerLink _link;
    private readonly Reply<bool> _subscribed;
    private readonly Queue<ConsumerProtocol.DeliveryBatch> _held = new();
    private bool _leaving; // the client cancelled
    private bool _gone; // the queue ended

    /// <summary>The actor of <paramref name="link"/>; <paramref name="subscribed"/> is answered when the queue has.</summary>
    public ConsumerActor(ConsumerLink link, Reply<bool> subscribed)
    {
        _link = link;
        _subscribed = subscribed;
    }

    /// <summary>How to start it.</summary>
    public static Props Props(ConsumerLink link, Reply<bool> subscribed) =>
        Akka.Actor.Props.Create(() => new ConsumerActor(link, subscribed)).WithDispatcher(Dispatchers.Hot);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _link.Actor = Self;
        if (_link.Queue.IsReplyAddress)
        {
            Self.Tell(QueueProtocol.Subscribed.Instance);
        }
        else
        {
            _link.Queue.Actor.Tell(new QueueProtocol.Subscribe(_link));
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConsumerProtocol.DeliveryBatch batch:
                _held.Enqueue(batch);
                Send();
                break;
            case ConsumerProtocol.Drained:
                Send();
                break;
            case EnqueueBatch direct:
                SendDirect(direct);
                break;
            case QueueProtocol.Subscribed:
                _link.Endpoint.Subscribed(_link);
                _subscribed.Succeed(true);
                break;
            case QueueProtocol.SubscribeRefused refused:
                _subscribed.Fail(refused.Reason);
                Context.Stop(Self);
                break;
            case QueueProtocol.Cancelled:
                _leaving = true;
                Send();
                break;
            case QueueProtocol.QueueGone:
                _subscribed.Succeed(false);
                _gone = true;
                Send();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Send()
    {
        long bytes = 0;
        while (_held.Count > 0)
        {
            if (_link.Endpoint.IsCongested)
            {
                _link.Endpoint.WhenDrained(Self);
                break;
            }

            var batch = _held.Dequeue();
            Send(batch.Messages, batch.FirstNumber, batch.Bytes);
            bytes += batch.Bytes;
            batch.Free();
        }

        if (bytes > 0 && _link.Window!.Grant(bytes))
        {
            _link.Queue.Actor.Tell(QueueProtocol.WindowOpened.Instance);
        }

        if (_held.Count > 0 || !(_leaving || _gone))
        {
            return;
        }

        if (_gone)
        {
            _link.Endpoint.CancelledByBroker(_link);
        }
        else
        {
            _link.Endpoint.Cancelled(_link);
        }

        Context.Stop(Self);
    }

    private void Send(ReadOnlySpan<Message> messages, long firstNumber, long bytes)
    {
        _link.Endpoint.Deliver(_link, messages, firstNumber, bytes);
        if (_link.NoAck)
        {
            MessageRun.Release(messages);
        }
    }

    /// <summary>Direct reply-to: messages come without a queue. A client that does not read its replies loses them.</summary>
    private void SendDirect(EnqueueBatch batch)
    {
        if (_link.Endpoint.IsCongested)
        {
            MessageRun.Release(batch.Messages);
        }
        else
        {
            Send(batch.Messages, 0, batch.Bytes);
        }

        batch.Answer();
    }
}
