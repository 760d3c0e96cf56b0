using ActorBroker.Addresses;
using ActorBroker.Core.Queues;

namespace ActorBroker;

/// <summary>Who holds deliveries of a queue until they are settled: a consumer, or what basic.get took.</summary>
internal interface IDeliveryHolder
{
    /// <summary>As the queue knows it.</summary>
    ConsumerLink Link { get; }

    /// <summary>A delivery of that number is back in its queue, or about to be.</summary>
    bool IsBack(long number);

    /// <summary>A verdict for the queue.</summary>
    /// <returns>False when the message is back in its queue.</returns>
    bool Settle(long number, Outcome outcome);
}
