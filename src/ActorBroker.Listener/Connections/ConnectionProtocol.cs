using ActorBroker.Consumers;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <summary>Everything one may say to a <see cref="ConnectionActor"/>.</summary>
internal static class ConnectionProtocol
{
    /// <summary>Starts the actor of a consumer; answered when the queue has let it in or refused it.</summary>
    public sealed record StartConsumer(ConsumerLink Link, Reply<bool> Subscribed) : INoSerializationVerificationNeeded;

    /// <summary>A channel is gone with these consumers.</summary>
    public sealed record ConsumersGone(ConsumerLink[] Links) : INoSerializationVerificationNeeded;

    /// <summary>The handshake is over: heartbeats start.</summary>
    /// <param name="Heartbeat">Agreed interval; zero for none.</param>
    public sealed record Opened(TimeSpan Heartbeat) : INoSerializationVerificationNeeded;

    /// <summary>Lets some time pass.</summary>
    /// <param name="Time">How much.</param>
    /// <param name="Over">Completes then.</param>
    public sealed record Wait(TimeSpan Time, TaskCompletionSource Over) : INoSerializationVerificationNeeded;

    /// <summary>connection.close was sent: the peer has some seconds to answer.</summary>
    public sealed record Closing : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Closing Instance = new();
    }

    /// <summary>The read loop has ended.</summary>
    public sealed record Closed : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Closed Instance = new();
    }
}
