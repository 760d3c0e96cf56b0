using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Messages;
using ActorBroker.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker;

/// <summary>
/// The last resort: what was sent to an actor that is gone is answered here, so that no publisher and no request waits for ever. It
/// speaks for queues that have ended, too: a batch may have been on its way, and clients settle when they like.
/// </summary>
/// <param name="topology">Knows by now what has taken the place of a queue.</param>
internal sealed class LostMessagesActor(Func<IActorRef> topology) : UntypedActor
{
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(SuppressedDeadLetter)); // what is no line in a log
    }

    protected override void OnReceive(object message)
    {
        if (message is not AllDeadLetters lost)
        {
            return;
        }

        switch (lost.Message)
        {
            case EnqueueBatch { Queue.IsReplyAddress: true } late: // its consumer is gone: as good as unroutable
                MessageRun.Release(late.Messages);
                late.Answer();
                break;
            case EnqueueBatch { FirstNumber: > 0 } batch: // on its way to a log: its queue has the messages, too
                batch.RefuseUnwritten();
                break;
            case EnqueueBatch { Queue.Gone: { } gone } late:
                gone.SendOn(late);
                late.Answer();
                break;
            case EnqueueBatch batch:
                batch.Refuse();
                break;
            case QueueProtocol.Subscribe subscribe:
                subscribe.Consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(Gone(lost.Recipient)));
                break;
            case QueueProtocol.Cancel cancel:
                cancel.Consumer.Actor.Tell(QueueProtocol.Cancelled.Instance);
                break;
            case QueueProtocol.Settle settle:
                settle.FreePlaces();
                settle.Confirm?.Done();
                break;
            case QueueProtocol.PlaceKept kept: // else a place of the limit that its channel's consumers share is lost
                ConsumerLink.Wake(kept.Consumer.Gate!.Decline(kept.Consumer));
                break;
            case QueueProtocol.Inspect inspect when HasEnded(lost.Recipient): // declared while it ended
                topology().Tell(inspect.Declare);
                break;
            case QueueProtocol.Delete delete when HasEnded(lost.Recipient):
                delete.Reply?.Succeed(0);
                break;
            case GroupProtocol.Rest when QueueTombstones.Find(lost.Recipient) is { } ended:
                lost.Sender.Tell(new GroupProtocol.AtRest(ended, 0));
                break;
            case IAwaited request:
                request.Refuse(Gone(lost.Recipient));
                break;
        }
    }

    private static bool HasEnded(IActorRef actor) => QueueTombstones.Find(actor) is not null;

    private static AmqpException Gone(IActorRef actor) => QueueTombstones.Find(actor) is { } ended
        ? new ChannelException(ReplyCode.NotFound, $"no {ended.Description}")
        : new ConnectionException(ReplyCode.InternalError, "the broker is shutting down, or a part of it has failed");
}
