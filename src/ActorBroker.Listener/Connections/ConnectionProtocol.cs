using ActorBroker.Addresses;
using ActorBroker.Listener.Channels;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <summary>Everything one may say to a <see cref="ConnectionActor"/>.</summary>
internal static class ConnectionProtocol
{
    /// <summary>Starts the actor of a consumer; answered when the queue has let it in or refused it.</summary>
    public sealed record StartConsumer(ConsumerLink Link, Reply<bool> Subscribed) : INoSerializationVerificationNeeded;

    /// <summary>A channel is gone with these consumers.</summary>
    public sealed record ConsumersGone(ConsumerLink[] Links) : INoSerializationVerificationNeeded;

    /// <summary>Client and broker have agreed: heartbeats start.</summary>
    /// <param name="Heartbeat">Agreed interval; zero for none.</param>
    public sealed record Tuned(TimeSpan Heartbeat) : INoSerializationVerificationNeeded;

    /// <summary>Lets some time pass.</summary>
    /// <param name="Time">How much.</param>
    /// <param name="Over">Completes then.</param>
    public sealed record Wait(TimeSpan Time, TaskCompletionSource Over) : INoSerializationVerificationNeeded;

    /// <summary>The handshake is over.</summary>
    public sealed record Opened : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Opened Instance = new();
    }

    /// <summary>The socket is not read for a while: the operating system must be asked whether the client is still there.</summary>
    public sealed record HeldBack : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly HeldBack Instance = new();
    }

    /// <summary>The client has closed a channel, and what it sent before waits for an answer: that may take some seconds.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Held">What waits, the close with it.</param>
    public sealed record CloseWaits(AmqpChannel Channel, HeldFrames Held) : INoSerializationVerificationNeeded;

    /// <summary>The client has ended, and what it sent before waits for answers: that may take some seconds.</summary>
    public sealed record Ending : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Ending Instance = new();
    }

    /// <summary>connection.close or close-ok is on its way: the peer has some seconds to take and answer it.</summary>
    public sealed record Closing(TimeSpan Timeout) : INoSerializationVerificationNeeded
    {
        /// <summary>As long as a slow peer may need.</summary>
        public static readonly Closing Patiently = new(TimeSpan.FromSeconds(10));

        /// <summary>The broker may be about to stop, and who stops it has no patience, either.</summary>
        public static readonly Closing Soon = new(TimeSpan.FromSeconds(3));
    }

    /// <summary>The read loop has ended.</summary>
    public sealed record Closed : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Closed Instance = new();
    }
}
