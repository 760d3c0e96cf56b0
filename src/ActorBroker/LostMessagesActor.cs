using ActorBroker.Amqp;
using ActorBroker.Publishing;
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
            case EnqueueBatch batch:
                batch.Refuse();
                break;
            case IAwaited request:
                request.Refuse(new ConnectionException(ReplyCode.InternalError, "the broker is shutting down, or a part of it has failed"));
                break;
        }
    }
}
