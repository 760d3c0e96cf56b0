using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>The arguments of a binding as part of its identity.</summary>
/// <remarks>
/// Equal as tables are, but the hash takes values in: thousands of headers bindings differ in nothing else. Nested
/// values count by their name only, because within them order does not matter.
/// </remarks>
internal readonly struct BindingArguments(FieldTable arguments) : IEquatable<BindingArguments>
{
    private readonly FieldTable _arguments = arguments;
    private readonly int _hash = Hash(arguments.Encoded);

    public bool Equals(BindingArguments other) => _hash == other._hash && _arguments.Equals(other._arguments);

    public override bool Equals(object? obj) => obj is BindingArguments other && Equals(other);

    public override int GetHashCode() => _hash;

    private static int Hash(ReadOnlySpan<byte> encoded)
    {
        var hash = 0;
        foreach (var field in FieldTableBytes.Enumerate(encoded))
        {
            var nested = field.Type is FieldType.Array or FieldType.Table;
            hash += ByteKeyComparer.Instance.GetHashCode(nested ? field.Name : field.Whole);
        }

        return hash;
    }
}
