using System.Buffers;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Consumers;

/// <summary>Everything one may say to a <see cref="ConsumerActor"/> besides the queue's answers in <see cref="Addresses.QueueProtocol"/>.</summary>
internal static class ConsumerProtocol
{
    /// <summary>The connection's outbox has room again.</summary>
    public sealed record Drained : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Drained Instance = new();
    }

    /// <summary>Messages from one delivery round, bounded by the consumer's credit.</summary>
    public sealed class DeliveryBatch(Message[] messages, int count, long firstNumber, long bytes) : INoSerializationVerificationNeeded
    {
        /// <summary>The messages.</summary>
        public ReadOnlySpan<Message> Messages => messages.AsSpan(0, count);

        /// <summary>Delivery number of the first.</summary>
        public long FirstNumber { get; } = firstNumber;

        /// <summary>What they cost of the consumer's window.</summary>
        public long Bytes { get; } = bytes;

        /// <summary>Gives the array back.</summary>
        public void Free() => ArrayPool<Message>.Shared.Return(messages, clearArray: true);
    }
}
