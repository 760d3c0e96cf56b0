namespace ActorBroker;

/// <summary>Properties of a queue. What is null is not declared; the broker refuses values out of range with 406.</summary>
public sealed record QueueOptions
{
    /// <summary>Survives restarts with its persistent messages, where the broker has a store. Default true.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>For this <see cref="IBroker"/> only, and gone with it. Default false.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Goes with its last consumer. Default false.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>How long a message may wait, in whole milliseconds, 0 or more (x-message-ttl).</summary>
    public TimeSpan? MessageTtl { get; init; }

    /// <summary>How long the queue may be without use, in whole milliseconds, at least 1 (x-expires).</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>Most messages that wait, 0 or more (x-max-length).</summary>
    public long? MaxLength { get; init; }

    /// <summary>Most bytes of bodies that wait, 0 or more (x-max-length-bytes).</summary>
    public long? MaxLengthBytes { get; init; }

    /// <summary>What a full queue does: <c>drop-head</c>, <c>reject-publish</c> or <c>reject-publish-dlx</c> (x-overflow).</summary>
    public string? Overflow { get; init; }

    /// <summary>Takes what is rejected, expires or is dropped; empty is the default exchange (x-dead-letter-exchange).</summary>
    public string? DeadLetterExchange { get; init; }

    /// <summary>Routing key of dead letters; their own when null (x-dead-letter-routing-key).</summary>
    public string? DeadLetterRoutingKey { get; init; }

    /// <summary>Highest priority, 1 to 255 (x-max-priority).</summary>
    public int? MaxPriority { get; init; }

    /// <summary>How often a message may come back before it is dead-lettered, 0 or more (x-delivery-limit).</summary>
    public long? DeliveryLimit { get; init; }

    /// <summary>One consumer gets everything, the next one takes over when it ends (x-single-active-consumer).</summary>
    public bool SingleActiveConsumer { get; init; }

    /// <summary>Further arguments, as AMQP names them.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; init; } = new Dictionary<string, object?>();
}
