using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Queues;

/// <summary>The arguments of basic.consume (60, 20) that the broker knows.</summary>
internal static class ConsumerArguments
{
    /// <summary>x-priority: any integer, 0 when it is missing.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="resource">The queue as reply texts name it.</param>
    /// <exception cref="ChannelException">406: no integer.</exception>
    public static int Priority(FieldTable arguments, string resource)
    {
        if (!FieldTableBytes.TryFind(arguments.Encoded, "x-priority"u8, out var type, out var value))
        {
            return 0;
        }

        return FieldTableBytes.TryReadInteger(type, value, out var priority)
            ? (int)Math.Clamp(priority, int.MinValue, int.MaxValue)
            : throw new ChannelException(
                ReplyCode.PreconditionFailed, $"invalid arg 'x-priority' for {resource}: \"expected integer, got {ReplyTerms.TypeName(type)}\"");
    }
}
