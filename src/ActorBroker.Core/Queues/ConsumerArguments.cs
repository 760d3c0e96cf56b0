using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Queues;

/// <summary>The arguments of basic.consume (60, 20) that the broker knows, with RabbitMQ's texts; unknown ones are ignored.</summary>
internal static class ConsumerArguments
{
    /// <summary>Checks all of them.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="type">Of the queue: not every type takes every argument.</param>
    /// <param name="resource">The queue as reply texts name it.</param>
    /// <returns>x-priority: any integer, 0 when it is missing.</returns>
    /// <exception cref="ChannelException">406: a value of the wrong type, or an argument that this type of queue does not have.</exception>
    public static int Priority(FieldTable arguments, QueueType type, string resource)
    {
        if (arguments.Encoded.IsEmpty)
        {
            return 0;
        }

        var priority = 0;
        if (FieldTableBytes.TryFind(arguments.Encoded, "x-priority"u8, out var kind, out var value))
        {
            priority = FieldTableBytes.TryReadInteger(kind, value, out var integer)
                ? (int)Math.Clamp(integer, int.MinValue, int.MaxValue)
                : throw Invalid("x-priority", $" for {resource}: \"expected integer, got {ReplyTerms.TypeName(kind)}\"");
        }

        var (isQuorum, module) = type == QueueType.Quorum ? (true, "rabbit_quorum_queue") : (false, "rabbit_classic_queue");
        if (FieldTableBytes.TryFind(arguments.Encoded, "x-stream-offset"u8, out _, out _))
        {
            throw Invalid("x-stream-offset", $" for {resource} of queue type {module}");
        }

        if (!FieldTableBytes.TryFind(arguments.Encoded, "x-cancel-on-ha-failover"u8, out kind, out _))
        {
            return priority;
        }

        if (kind != FieldType.Boolean)
        {
            throw Invalid("x-cancel-on-ha-failover", $" for {resource}: {{unacceptable_type,{ReplyTerms.TypeName(kind)}}}");
        }

        return !isQuorum ? priority : throw Invalid("x-cancel-on-ha-failover", $" for {resource} of queue type {module}");
    }

    private static ChannelException Invalid(string name, string why) => new(ReplyCode.PreconditionFailed, $"invalid arg '{name}'{why}");
}
