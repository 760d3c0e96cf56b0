using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Topology;

/// <summary>One validator for each argument of queue.declare (50, 10), with RabbitMQ's texts (406).</summary>
internal sealed class QueueArgumentReader(FieldTable table, string resource)
{
    private const long LongestMs = 315_360_000_000; // ten years: beyond that RabbitMQ refuses a timer
    private const int HighestPriority = 255;

    public long? ReadNotNegative(ReadOnlySpan<byte> name) =>
        ReadInteger(name) switch
        {
            < 0 and var value => throw Invalid(name, $"{{value_negative,{value}}}"),
            var value => value,
        };

    public long? ReadMessageTtl() => NotTooLong("x-message-ttl"u8, ReadNotNegative("x-message-ttl"u8));

    public long? ReadExpires()
    {
        var value = ReadNotNegative("x-expires"u8);
        return value == 0
            ? throw Invalid("x-expires"u8, "{value_zero,0}")
            : NotTooLong("x-expires"u8, value);
    }

    public int ReadMaxPriority()
    {
        var value = ReadNotNegative("x-max-priority"u8) ?? 0;
        return value > HighestPriority
            ? throw Invalid("x-max-priority"u8, $"{{max_value_exceeded,{value}}}")
            : (int)value;
    }

    /// <summary>A limit below zero means none.</summary>
    public long? ReadDeliveryLimit(long? whenMissing) =>
        ReadInteger("x-delivery-limit"u8) switch
        {
            null => whenMissing,
            < 0 => null,
            var value => value,
        };

    public void CheckQueueVersion()
    {
        var value = ReadNotNegative("x-queue-version"u8);
        if (value is not (null or 1 or 2))
        {
            throw Invalid("x-queue-version"u8, $"\"unsupported queue version '{value}'\"");
        }
    }

    public bool ReadBoolean(ReadOnlySpan<byte> name) =>
        TryFind(name, out var type, out var value)
        && (type == FieldType.Boolean ? value[0] != 0 : throw Unacceptable(name, type));

    /// <exception cref="ChannelException">406: there is such an argument and it is no long string.</exception>
    public string? ReadString(ReadOnlySpan<byte> name)
    {
        if (!TryFind(name, out var type, out var value))
        {
            return null;
        }

        return type == FieldType.LongString
            ? Encoding.UTF8.GetString(value)
            : throw TopologyErrors.InvalidArgumentType(
                ReplyTerms.TypeName(type), Encoding.UTF8.GetString(name), resource);
    }

    public string? ReadDeadLetterRoutingKey()
    {
        var name = "x-dead-letter-routing-key"u8;
        var key = ReadWord(name);
        return key is null || TryFind("x-dead-letter-exchange"u8, out _, out _)
            ? key
            : throw Invalid(name, "routing_key_but_no_dlx_defined");
    }

    /// <summary>What a quorum queue may say about its replicas: one broker has one, whatever it says.</summary>
    public void CheckReplicas()
    {
        if (ReadWord("x-dead-letter-strategy"u8) is not (null or "at-most-once" or "at-least-once"))
        {
            throw Invalid("x-dead-letter-strategy"u8, "invalid_dlx_strategy");
        }

        ReadNotNegative("x-max-in-memory-length"u8);
        ReadNotNegative("x-max-in-memory-bytes"u8);
        if (ReadNotNegative("x-quorum-initial-group-size"u8) == 0)
        {
            throw Invalid("x-quorum-initial-group-size"u8, "{value_zero,0}");
        }

        if (ReadWord("x-queue-leader-locator"u8) is not (null or "client-local" or "random" or "balanced" or "least-leaders"))
        {
            throw Invalid("x-queue-leader-locator"u8, "invalid_queue_locator_arg");
        }
    }

    public QueueOverflow ReadOverflow() =>
        ReadWord("x-overflow"u8) switch
        {
            null or "drop-head" => QueueOverflow.DropHead,
            "reject-publish" => QueueOverflow.RejectPublish,
            "reject-publish-dlx" => QueueOverflow.RejectPublishDeadLetter,
            _ => throw Invalid("x-overflow"u8, "invalid_overflow"),
        };

    public bool ReadLazy() =>
        ReadWord("x-queue-mode"u8) switch
        {
            null or "default" => false,
            "lazy" => true,
            var mode => throw Invalid("x-queue-mode"u8, $"\"unsupported queue mode '{mode}'\""),
        };

    public QueueType ReadQueueType() =>
        ReadWord("x-queue-type"u8) switch
        {
            null or "classic" => QueueType.Classic,
            "quorum" => QueueType.Quorum,
            "stream" => throw Invalid("x-queue-type"u8, "queue type 'stream' is not supported yet"),
            var type => throw Invalid("x-queue-type"u8, $"\"unsupported queue type '{type}'\""),
        };

    public ChannelException Foreign(string name, string module) =>
        new(ReplyCode.PreconditionFailed, $"invalid arg '{name}' for {resource} of queue type {module}");

    private long? NotTooLong(ReadOnlySpan<byte> name, long? value) =>
        value > LongestMs ? throw Invalid(name, $"{{value_too_large,{value}}}") : value;

    private string? ReadWord(ReadOnlySpan<byte> name)
    {
        if (!TryFind(name, out var type, out var value))
        {
            return null;
        }

        return type == FieldType.LongString ? Encoding.UTF8.GetString(value) : throw Unacceptable(name, type);
    }

    private long? ReadInteger(ReadOnlySpan<byte> name)
    {
        if (!TryFind(name, out var type, out var value))
        {
            return null;
        }

        if (FieldTableBytes.TryReadInteger(type, value, out var integer))
        {
            return integer;
        }

        // An unsigned 64-bit number beyond a long: larger than any limit can matter.
        return type == FieldType.UnsignedLong
            ? long.MaxValue
            : throw Invalid(name, $"\"expected integer, got {ReplyTerms.TypeName(type)}\"");
    }

    private bool TryFind(ReadOnlySpan<byte> name, out byte type, out ReadOnlySpan<byte> value) =>
        FieldTableBytes.TryFind(table.Encoded, name, out type, out value);

    private ChannelException Unacceptable(ReadOnlySpan<byte> name, byte type) =>
        Invalid(name, $"{{unacceptable_type,{ReplyTerms.TypeName(type)}}}");

    private ChannelException Invalid(ReadOnlySpan<byte> name, string why) =>
        new(ReplyCode.PreconditionFailed, $"invalid arg '{Encoding.UTF8.GetString(name)}' for {resource}: {why}");
}
