namespace ActorBroker;

/// <summary>Properties of an exchange besides name and type.</summary>
public sealed record ExchangeOptions
{
    /// <summary>Survives restarts, where the broker has a store. Default true.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Goes with its last binding. Default false.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>Takes messages from other exchanges only. Default false.</summary>
    public bool Internal { get; init; }

    /// <summary>Takes what this exchange cannot route; null for none (alternate-exchange).</summary>
    public string? AlternateExchange { get; init; }

    /// <summary>Further arguments, as AMQP names them.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; init; } = new Dictionary<string, object?>();
}
