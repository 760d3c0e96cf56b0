namespace ActorBroker;

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

    /// <summary>
    /// How often a handler may throw on a message before it is dead-lettered, where its queue has a dead-letter exchange that leads to a
    /// queue; without one it is tried for ever, and nothing is lost. 1 or more, or 0 for ever. Default 10, about a minute. It counts how
    /// often the message came back (<see cref="Delivery.DeliveryCount"/>), for whatever reason.
    /// </summary>
    public int MaxTries
    {
        get;
        init => field = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "max tries must be 0 (for ever) or more");
    } = 10;

    /// <summary>
    /// How long a message waits after a handler has thrown on it the first time, before it goes back to its place in the queue; then twice as
    /// long each time. Meanwhile it counts against the prefetch: with a prefetch of 1 the order is kept and the rest waits, with a larger
    /// one others go on. Zero or more; zero for no pause. Default 100 ms.
    /// </summary>
    public TimeSpan RetryDelay
    {
        get;
        init => field = Pause(value);
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such pause, zero or more. Default 30 s.</summary>
    public TimeSpan MaxRetryDelay
    {
        get;
        init => field = Pause(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>True: a delivery counts as acked when it is handed over. Default false.</summary>
    public bool AutoAck { get; init; }

    /// <summary>True: no other consumer is let in (403 when there is one). Default false.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Consumers with a higher one are served first. Default 0 (x-priority).</summary>
    public int Priority { get; init; }

    /// <summary>Name of the consumer, up to 255 bytes; null asks for one.</summary>
    public string? Tag { get; init; }

    internal static ConsumerOptions Default { get; } = new();

    private static TimeSpan Pause(TimeSpan value) => value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "a pause must be zero to one day");
}
