namespace ActorBroker.Client;

/// <summary>How to consume from a queue.</summary>
public sealed record ConsumerOptions
{
    /// <summary>Most deliveries that are not settled, 1 to 65535, or 0 for no limit. Default 100. Does not count with <see cref="AutoAck"/>.</summary>
    public int Prefetch
    {
        get;
        init => field = value is >= 0 and <= ushort.MaxValue
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "prefetch must be 0 (no limit) to 65535");
    } = 100;

    /// <summary>True: a delivery counts as acked when it is handed over. Default false.</summary>
    public bool AutoAck { get; init; }

    /// <summary>True: no other consumer is let in (403 when there is one). Default false.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Consumers with a higher one are served first. Default 0 (x-priority).</summary>
    public int Priority { get; init; }

    /// <summary>Name of the consumer, up to 255 bytes; null asks for one.</summary>
    public string? Tag { get; init; }

    internal static ConsumerOptions Default { get; } = new();
}
