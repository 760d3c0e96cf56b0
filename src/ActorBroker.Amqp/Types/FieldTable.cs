using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActorBroker.Amqp.Types;

/// <summary>
/// A field table: the arguments of a declare, the headers of a message, the properties of a peer. Immutable. It is kept
/// as the bytes it came as and decoded when someone looks; passing it on copies bytes and changes none.
/// </summary>
/// <remarks>
/// Values are <see cref="bool"/> (t), <see cref="sbyte"/> (b), <see cref="byte"/> (B), <see cref="short"/> (s),
/// <see cref="ushort"/> (u), <see cref="int"/> (I), <see cref="uint"/> (i), <see cref="long"/> (l), <see cref="ulong"/>
/// (L), <see cref="float"/> (f), <see cref="double"/> (d), <see cref="AmqpDecimal"/> (D), <see cref="AmqpTimestamp"/>
/// (T), <see cref="string"/> (S), or <see cref="LongString"/> where an S is not valid UTF-8, byte arrays (x), arrays of
/// objects (A), <see cref="FieldTable"/> (F) and null (V). Written are also <see cref="DateTimeOffset"/> as T, any
/// other enumeration as A, and any enumeration of named values as F. Of two fields with one name the first counts.
/// </remarks>
public sealed class FieldTable : IEnumerable<KeyValuePair<string, object?>>, IEquatable<FieldTable>
{
    private readonly byte[] _encoded;
    private OrderedDictionary<string, object?>? _fields;

    /// <summary>Encodes <paramref name="fields"/> in their order.</summary>
    /// <exception cref="ArgumentException">
    /// Two fields with one name, a name of more than 255 bytes, a value AMQP has no type for, or nesting deeper than
    /// 32.
    /// </exception>
    public FieldTable(IEnumerable<KeyValuePair<string, object?>> fields)
    {
        var writer = new AmqpWriter();
        FieldValueCodec.WriteFields(writer, fields, depth: 1);
        _encoded = writer.Written.ToArray();
    }

    private FieldTable(byte[] validated) => _encoded = validated;

    /// <summary>The table without fields.</summary>
    public static FieldTable Empty { get; } = new(Array.Empty<byte>());

    /// <summary>The fields as bytes, without the 4-byte length.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>How many fields there are.</summary>
    public int Count => Fields.Count;

    // Two threads may both decode: they get equal dictionaries and either may stay.
    private OrderedDictionary<string, object?> Fields => _fields ??= Decode();

    /// <summary>The value of a field; null when it is missing or void.</summary>
    public object? this[string name] => TryGetValue(name, out var value) ? value : null;

    /// <summary>Checks and copies an encoded table.</summary>
    /// <param name="encoded">The fields, without the 4-byte length.</param>
    /// <exception cref="ConnectionException">502: cut off, an unknown field type, or nested deeper than 32.</exception>
    public static FieldTable FromBytes(ReadOnlySpan<byte> encoded)
    {
        FieldTableBytes.Validate(encoded);
        return FromValidated(encoded);
    }

    /// <summary>True when there is a field of that name, void or not.</summary>
    public bool ContainsKey(string name) => Fields.ContainsKey(name);

    /// <summary>Gets the value of a field.</summary>
    public bool TryGetValue(string name, out object? value) => Fields.TryGetValue(name, out value);

    /// <summary>The same table with one field set; it becomes the last.</summary>
    /// <exception cref="ArgumentException">As the constructor.</exception>
    public FieldTable With(string name, object? value)
    {
        var writer = new AmqpWriter();
        var nameBytes = Encoding.UTF8.GetBytes(name);
        FieldTableBytes.CopyWithout(_encoded, nameBytes, writer);
        FieldTableBytes.Append(writer, nameBytes, value);
        return new FieldTable(writer.Written.ToArray());
    }

    /// <summary>The same table without that field.</summary>
    public FieldTable Without(string name)
    {
        var writer = new AmqpWriter();
        FieldTableBytes.CopyWithout(_encoded, Encoding.UTF8.GetBytes(name), writer);
        return FromValidated(writer.Written);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => Fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>True when both have the same fields with the same types and values, in whatever order.</summary>
    public bool Equals([NotNullWhen(true)] FieldTable? other)
    {
        if (other is null || Encoded.SequenceEqual(other.Encoded))
        {
            return other is not null;
        }

        return Count == other.Count
            && Fields.All(f => other.TryGetValue(f.Key, out var value) && ValuesEqual(f.Value, value));
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldTable);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 0;
        foreach (var name in Fields.Keys)
        {
            hash ^= name.GetHashCode(); // order must not count
        }

        return hash;
    }

    /// <summary>Copies a table that lies in a validated one.</summary>
    internal static FieldTable FromValidated(ReadOnlySpan<byte> encoded) =>
        encoded.IsEmpty ? Empty : new FieldTable(encoded.ToArray());

    private static bool ValuesEqual(object? left, object? right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b, ValuesEqual).All(equal => equal),
        _ => Equals(left, right),
    };

    private OrderedDictionary<string, object?> Decode()
    {
        var fields = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in FieldTableBytes.Enumerate(_encoded))
        {
            fields.TryAdd(Encoding.UTF8.GetString(field.Name), FieldValueCodec.Read(field.Type, field.Value));
        }

        return fields;
    }
}
