using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>Deliveries go to an actor's mailbox; the prefetch bounds what is there.</summary>
internal sealed class ActorSink(IActorRef target) : IDeliverySink
{
    public bool IsFull => false;

    public void WhenDrained(IActorRef consumer) => consumer.Tell(Consumers.ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);

    public void Deliver(Delivery delivery) => target.Tell(delivery, ActorRefs.NoSender);

    public Task Ended(IConsumer consumer)
    {
        target.Tell(new ConsumerEnded(consumer), ActorRefs.NoSender);
        return Task.CompletedTask;
    }
}
