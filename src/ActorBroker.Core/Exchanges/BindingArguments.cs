using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>The arguments of a binding as part of its identity.</summary>
/// <remarks>
/// Equal as tables are, but the hash takes values in: thousands of headers bindings differ in nothing else. In a table order does
/// not count, nested or not; in an array it does.
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
            hash += HashOf(field);
        }

        return hash;
    }

    private static int HashOf(in FieldSpan field)
    {
        switch (field.Type)
        {
            case FieldType.Table:
                return HashCode.Combine(ByteKeyComparer.Instance.GetHashCode(field.Name), Hash(field.Value));
            case FieldType.Array:
                var hash = ByteKeyComparer.Instance.GetHashCode(field.Name);
                foreach (var element in FieldTableBytes.EnumerateArray(field.Value))
                {
                    hash = HashCode.Combine(hash, HashOf(element));
                }

                return hash;
            default:
                return ByteKeyComparer.Instance.GetHashCode(field.Whole);
        }
    }
}
