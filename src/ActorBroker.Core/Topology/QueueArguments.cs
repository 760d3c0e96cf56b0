using System.Collections.Frozen;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Topology;

/// <summary>What a queue promises about its messages (x-queue-type).</summary>
internal enum QueueType
{
    /// <summary>classic, the default.</summary>
    Classic,

    /// <summary>quorum: always durable, never exclusive, redelivers a message 20 times unless told otherwise.</summary>
    Quorum,
}

/// <summary>
/// The arguments of queue.declare (50, 10), checked and taken apart. Unknown ones are kept and ignored.
/// </summary>
internal sealed class QueueArguments
{
    /// <summary>How often a quorum queue delivers a message again when x-delivery-limit does not say.</summary>
    public const long QuorumDeliveryLimit = 20;

    // In the order RabbitMQ compares them: the first difference is the one it tells.
    private static readonly string[] Compared =
    [
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy",
        "x-max-length", "x-max-length-bytes", "x-max-in-memory-length", "x-max-in-memory-bytes", "x-max-priority", "x-overflow",
        "x-queue-mode", "x-queue-version", "x-single-active-consumer", "x-queue-type", "x-quorum-initial-group-size",
        "x-queue-leader-locator", "x-queue-master-locator", "x-delivery-limit", "x-max-length-includes-unacked",
    ];

    private static readonly FrozenSet<string> NotForClassic = FrozenSet.Create(
        StringComparer.Ordinal,
        "x-max-age", "x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes", "x-initial-cluster-size",
        "x-max-in-memory-length", "x-max-in-memory-bytes", "x-quorum-initial-group-size", "x-queue-leader-locator",
        "x-dead-letter-strategy");

    private static readonly FrozenSet<string> NotForQuorum = FrozenSet.Create(
        StringComparer.Ordinal,
        "x-max-age", "x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes", "x-initial-cluster-size",
        "x-max-priority", "x-queue-mode", "x-queue-version", "x-queue-master-locator");

    private QueueArguments(FieldTable table, QueueArgumentReader reader, bool isNew)
    {
        Table = table;
        Type = reader.ReadQueueType();
        ExpiresMs = reader.ReadExpires();
        MessageTtlMs = reader.ReadMessageTtl();
        DeadLetterExchange = reader.ReadString("x-dead-letter-exchange"u8);
        DeadLetterRoutingKey = reader.ReadDeadLetterRoutingKey();
        MaxLength = reader.ReadNotNegative("x-max-length"u8);
        MaxLengthBytes = reader.ReadNotNegative("x-max-length-bytes"u8);
        Overflow = reader.ReadOverflow();
        SingleActiveConsumer = reader.ReadBoolean("x-single-active-consumer"u8);
        DeliveryLimit = reader.ReadDeliveryLimit(Type == QueueType.Quorum ? QuorumDeliveryLimit : null);
        MaxLengthIncludesUnacked = reader.ReadBoolean("x-max-length-includes-unacked"u8);
        if (isNew)
        {
            RefuseUseless(reader); // after the values both types have, before those one of them has not
        }

        MaxPriority = reader.ReadMaxPriority();
        Lazy = reader.ReadLazy();
        reader.CheckQueueVersion();
    }

    /// <summary>No arguments: a classic queue without limits.</summary>
    public static QueueArguments None { get; } = Parse(FieldTable.Empty, "", "");

    /// <summary>The arguments as they came, unknown ones included.</summary>
    public FieldTable Table { get; }

    /// <summary>Classic or quorum (x-queue-type).</summary>
    public QueueType Type { get; }

    /// <summary>Milliseconds without use after which the queue goes, at least 1; null for never (x-expires).</summary>
    public long? ExpiresMs { get; }

    /// <summary>Milliseconds a message may wait, 0 or more; null for ever (x-message-ttl).</summary>
    public long? MessageTtlMs { get; }

    /// <summary>Where dead-lettered messages go; null when they are dropped (x-dead-letter-exchange).</summary>
    public string? DeadLetterExchange { get; }

    /// <summary>Their routing key; null to keep the one they came with (x-dead-letter-routing-key).</summary>
    public string? DeadLetterRoutingKey { get; }

    /// <summary>Most messages, null for no limit (x-max-length).</summary>
    public long? MaxLength { get; }

    /// <summary>Most bytes of bodies, null for no limit (x-max-length-bytes).</summary>
    public long? MaxLengthBytes { get; }

    /// <summary>Unacked messages count towards the limits, too (x-max-length-includes-unacked).</summary>
    public bool MaxLengthIncludesUnacked { get; }

    /// <summary>What a full queue does with one message more (x-overflow).</summary>
    public QueueOverflow Overflow { get; }

    /// <summary>Highest priority, 0 to 255; 0 is a queue without priorities (x-max-priority).</summary>
    public int MaxPriority { get; }

    /// <summary>Messages shall be on disk rather than in memory (x-queue-mode lazy).</summary>
    public bool Lazy { get; }

    /// <summary>Only one consumer at a time gets messages (x-single-active-consumer).</summary>
    public bool SingleActiveConsumer { get; }

    /// <summary>
    /// How often a message is delivered again before it is dead-lettered; null for no limit (x-delivery-limit).
    /// </summary>
    public long? DeliveryLimit { get; }

    /// <summary>The part of the arguments that bounds the queue.</summary>
    public QueueLimits Limits => new(
        MaxLength, MaxLengthBytes, Overflow, MaxLengthIncludesUnacked, MessageTtlMs, MaxPriority, SingleActiveConsumer, DeliveryLimit);

    /// <summary>Checks the arguments of a new queue.</summary>
    /// <param name="table">The arguments of queue.declare (50, 10).</param>
    /// <param name="queueName">Name of the queue, for the text of an error.</param>
    /// <param name="virtualHost">Its virtual host, for the text of an error.</param>
    /// <exception cref="ChannelException">
    /// 406: a known argument has the wrong type or a value out of its range.
    /// </exception>
    public static QueueArguments Parse(FieldTable table, string queueName, string virtualHost) =>
        new(table, new QueueArgumentReader(table, TopologyErrors.Queue(virtualHost, queueName)), isNew: true);

    /// <summary>The arguments of a queue that is there: what does nothing was let in by earlier versions, and still does nothing.</summary>
    internal static QueueArguments Restore(FieldTable table, string queueName, string virtualHost) =>
        new(table, new QueueArgumentReader(table, TopologyErrors.Queue(virtualHost, queueName)), isNew: false);

    /// <summary>Compares the arguments of a redeclaration; unknown ones do not matter.</summary>
    internal void RequireEquivalent(FieldTable received, string resource)
    {
        if (Table.Encoded.IsEmpty && received.Encoded.IsEmpty)
        {
            return;
        }

        foreach (var argument in Compared)
        {
            var whenMissing = argument == "x-queue-type" ? "classic" : null;
            Equivalence.RequireSameArgument(Table, received, argument, resource, whenMissing);
        }
    }

    private void RefuseUseless(QueueArgumentReader reader)
    {
        if (Type == QueueType.Quorum)
        {
            reader.CheckReplicas();
        }

        var (foreign, module) = Type == QueueType.Quorum
            ? (NotForQuorum, "rabbit_quorum_queue")
            : (NotForClassic, "rabbit_classic_queue");
        foreach (var (name, _) in Table)
        {
            if (foreign.Contains(name))
            {
                throw reader.Foreign(name, module);
            }
        }
    }
}
