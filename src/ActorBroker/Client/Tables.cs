using ActorBroker.Amqp.Types;

namespace ActorBroker.Client;

/// <summary>Arguments as AMQP carries them.</summary>
internal static class Tables
{
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
