using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>Where a consumer's deliveries go. Called from one actor at a time; quick, and must not throw.</summary>
internal interface IDeliverySink
{
    /// <summary>Hold back: the rest waits in the consumer's actor, and at last in the queue.</summary>
    bool IsFull { get; }

    /// <summary>Asks for one <see cref="Consumers.ConsumerProtocol.Drained"/> when that is over.</summary>
    void WhenDrained(IActorRef consumer);

    /// <summary>A message.</summary>
    void Deliver(Delivery delivery);

    /// <summary>No delivery will follow. Completes when the last one is handled.</summary>
    Task Ended(IConsumer consumer);
}
