namespace ActorBroker;

/// <summary>What became of a message that was published.</summary>
public enum PublishResult
{
    /// <summary>Every queue it was routed to has taken it; also when there was none and it was not mandatory (basic.ack).</summary>
    Confirmed,

    /// <summary>It was mandatory, and no queue gets it: 312 NO_ROUTE (basic.return).</summary>
    Returned,

    /// <summary>A queue refused it, since it is full or cannot write (basic.nack). Others may have taken it.</summary>
    Refused,
}

/// <summary>A queue refused a message, since it is full or cannot write (basic.nack). Others may have taken it.</summary>
/// <param name="exchange">Where it was published.</param>
/// <param name="routingKey">With which key.</param>
public sealed class PublishRefusedException(string exchange, string routingKey)
    : Exception($"a message published to exchange '{exchange}' with routing key '{routingKey}' was refused: a queue is full or cannot write")
{
    /// <summary>Where it was published.</summary>
    public string Exchange { get; } = exchange;

    /// <summary>With which key.</summary>
    public string RoutingKey { get; } = routingKey;
}
