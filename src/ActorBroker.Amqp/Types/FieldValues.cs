namespace ActorBroker.Amqp.Types;

/// <summary>A moment in whole seconds since 1970-01-01T00:00:00Z, as AMQP writes it.</summary>
/// <param name="SecondsSinceEpoch">Unsigned; values beyond year 9999 travel unchanged.</param>
public readonly record struct AmqpTimestamp(ulong SecondsSinceEpoch)
{
    /// <summary>Drops the fraction of a second.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Before 1970.</exception>
    public static AmqpTimestamp From(DateTimeOffset moment)
    {
        var seconds = moment.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds, nameof(moment));
        return new AmqpTimestamp((ulong)seconds);
    }
}

/// <summary>A decimal field: <c>Value / 10^Scale</c>.</summary>
/// <param name="Scale">Digits after the point, 0 to 255.</param>
/// <param name="Value">All digits as an unsigned number.</param>
public readonly record struct AmqpDecimal(byte Scale, uint Value);

/// <summary>A long string that need not be text: a SASL response, or a table value that is not valid UTF-8.</summary>
public sealed class LongString : IEquatable<LongString>
{
    private readonly byte[] _bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public LongString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes as they came.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <inheritdoc/>
    public bool Equals(LongString? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LongString);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>Says only how long it is: the bytes may be a password.</summary>
    public override string ToString() => $"{_bytes.Length} bytes";
}
