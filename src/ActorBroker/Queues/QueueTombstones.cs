using System.Runtime.CompilerServices;
using ActorBroker.Addresses;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <summary>
/// Which queues the actors were that have ended: as long as somebody may still send to one, and not longer. Any thread.
/// </summary>
internal static class QueueTombstones
{
    private static readonly ConditionalWeakTable<IActorRef, QueueHandle> Ended = [];

    /// <summary>A queue is off the tables, and its actor stops.</summary>
    public static void Add(IActorRef actor, QueueHandle queue) => Ended.Add(actor, queue);

    /// <summary>The queue that ended with this actor; null when it is another's.</summary>
    public static QueueHandle? Find(IActorRef actor) => Ended.TryGetValue(actor, out var queue) ? queue : null;
}
