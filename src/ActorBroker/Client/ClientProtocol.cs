using ActorBroker.Addresses;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>Everything one may say to a <see cref="ClientActor"/>, besides a <see cref="ClientHolder"/> that has verdicts for its queue.</summary>
internal static class ClientProtocol
{
    /// <summary>A consumer asks its queue to be let in.</summary>
    /// <param name="Consumer">Who.</param>
    /// <param name="Owner">Its end closes the consumer; null when nobody owns it.</param>
    /// <param name="Subscribed">Gets the queue's answer.</param>
    public sealed record Start(ClientHolder Consumer, IActorRef? Owner, Reply<bool> Subscribed) : INoSerializationVerificationNeeded;

    /// <summary>A consumer was closed.</summary>
    public sealed record Closed(ConsumerLink Link) : INoSerializationVerificationNeeded;

    /// <summary>Answered when all that was published and settled before is with its queues.</summary>
    public sealed record HandedOver(Reply<bool> Done) : INoSerializationVerificationNeeded;

    /// <summary>Messages were published: they go to their queues.</summary>
    public sealed record Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }
}
