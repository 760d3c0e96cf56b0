using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Messages;
using ActorBroker.Publishing;
using ActorBroker.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker;

/// <summary>
/// The last resort: what was sent to an actor that is gone is answered here, so that no publisher and no request waits for ever.
/// </summary>
internal sealed class LostMessagesActor : UntypedActor
{
    protected override void PreStart() => Context.System.EventStream.Subscribe<DeadLetter>(Self);

    protected override void OnReceive(object message)
    {
        switch ((message as DeadLetter)?.Message)
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
                subscribe.Consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(Gone()));
                break;
            case QueueProtocol.Cancel cancel:
                cancel.Consumer.Actor.Tell(QueueProtocol.Cancelled.Instance);
                break;
            case QueueProtocol.Settle settle:
                settle.FreePlaces();
                settle.Confirm?.Done();
                break;
            case QueueProtocol.PlaceKept kept: // else a place of the limit that its channel's consumers share is lost
                ConsumerLink.Wake(kept.Consumer.State.Gate!.Decline(kept.Consumer));
                break;
            case IAwaited request:
                request.Refuse(Gone());
                break;
        }
    }

    private static ConnectionException Gone() =>
        new(ReplyCode.InternalError, "the broker is shutting down, or a part of it has failed");
}
