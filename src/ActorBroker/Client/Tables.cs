using ActorBroker.Amqp.Types;

namespace ActorBroker.Client;

/// <summary>Arguments as AMQP carries them.</summary>
internal static class Tables
{
    /// <summary>The arguments of exchange.declare.</summary>
    public static FieldTable Of(ExchangeOptions options) => Of(options.Arguments, ("alternate-exchange", options.AlternateExchange));

    /// <summary>The arguments of queue.declare.</summary>
    public static FieldTable Of(QueueOptions options) => Of(
        options.Arguments,
        ("x-message-ttl", (long?)options.MessageTtl?.TotalMilliseconds),
        ("x-expires", (long?)options.Expires?.TotalMilliseconds),
        ("x-max-length", options.MaxLength),
        ("x-max-length-bytes", options.MaxLengthBytes),
        ("x-overflow", options.Overflow),
        ("x-dead-letter-exchange", options.DeadLetterExchange),
        ("x-dead-letter-routing-key", options.DeadLetterRoutingKey),
        ("x-max-priority", options.MaxPriority),
        ("x-delivery-limit", options.DeliveryLimit),
        ("x-single-active-consumer", options.SingleActiveConsumer ? true : null));

    /// <summary>Nothing for null.</summary>
    /// <exception cref="ArgumentException">A value is of a type that AMQP does not have.</exception>
    public static FieldTable Of(IReadOnlyDictionary<string, object?>? arguments, params ReadOnlySpan<(string Name, object? Value)> named)
    {
        List<KeyValuePair<string, object?>>? fields = arguments is { Count: > 0 } ? [.. arguments] : null;
        foreach (var (name, value) in named)
        {
            if (value is not null)
            {
                (fields ??= []).Add(new(name, value));
            }
        }

        return fields is null ? FieldTable.Empty : new FieldTable(fields);
    }
}
