using ActorBroker.Core.Queues;
using Akka;
using Akka.Streams.Dsl;

namespace ActorBroker.Streams;

/// <summary>
/// The end of a stream that begins with <see cref="BrokerSource.Committable(IBroker, string, int)"/>: acks what arrives. What is settled
/// already, or went back to its queue meanwhile, passes without an error: it was, or will be, somebody's.
/// </summary>
public static class Committer
{
    /// <summary>Acks each message and passes it on.</summary>
    public static Flow<Delivery, Delivery, NotUsed> Flow() => Akka.Streams.Dsl.Flow.Create<Delivery>().Select(Ack);

    /// <summary>Acks each message; the task completes or fails with the stream.</summary>
    public static Sink<Delivery, Task<Done>> Sink() => Akka.Streams.Dsl.Sink.ForEach<Delivery>(delivery => Ack(delivery));

    private static Delivery Ack(Delivery delivery)
    {
        delivery.TrySettle(Outcome.Ack);
        return delivery;
    }
}
