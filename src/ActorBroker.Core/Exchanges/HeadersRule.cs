using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Exchanges;

/// <summary>The arguments of a headers binding, taken apart once so that matching reads bytes only.</summary>
/// <remarks>
/// <c>x-match</c> is <c>all</c> (the default), <c>any</c>, <c>all-with-x</c> or <c>any-with-x</c>; the first two pass
/// over arguments whose name starts with <c>x-</c>. A void argument asks only that the header is there.
/// </remarks>
internal sealed class HeadersRule
{
    /// <summary>Most conditions of one binding: far more than any in use, few enough for one message to be matched in microseconds.</summary>
    public const int MaxConditions = 1024;

    private readonly Condition[] _conditions;
    private readonly int _names;
    private readonly bool _any;

    public HeadersRule(FieldTable arguments)
    {
        (_any, var withX) = ParseMatch(arguments.Encoded);
        var conditions = new List<Condition>();
        foreach (var field in FieldTableBytes.Enumerate(arguments.Encoded))
        {
            if (!field.Name.SequenceEqual("x-match"u8) && (withX || !field.Name.StartsWith("x-"u8)))
            {
                conditions.Add(new Condition(field.Name.ToArray(), HeaderIndex.Hash(field.Name), field.Type, field.Value.ToArray()));
            }
        }

        _conditions = [.. conditions];
        _names = conditions.Select(c => c.Name).Distinct(ByteKeyComparer.Instance).Count();
    }

    /// <summary>Checks the arguments of a headers binding.</summary>
    /// <exception cref="ChannelException">
    /// 406: x-match is not one of the four words, or more arguments than <see cref="MaxConditions"/> and x-match.
    /// </exception>
    public static void Validate(FieldTable arguments)
    {
        ParseMatch(arguments.Encoded);
        var count = 0;
        foreach (var field in FieldTableBytes.Enumerate(arguments.Encoded))
        {
            count += field.Name.SequenceEqual("x-match"u8) ? 0 : 1;
        }

        if (count > MaxConditions)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, $"a headers binding with {count} arguments: must be at most {MaxConditions} and x-match");
        }
    }

    /// <summary>Compares; each condition looks up one header at most.</summary>
    /// <param name="headers">The encoded headers of a message.</param>
    /// <param name="index">The same by name.</param>
    /// <param name="steps">Grows by the conditions looked at.</param>
    public bool Matches(ReadOnlySpan<byte> headers, HeaderIndex index, ref long steps)
    {
        if (!_any && _names > index.Count)
        {
            return false; // one of them is missing
        }

        foreach (ref readonly var condition in _conditions.AsSpan())
        {
            steps++;
            if (condition.Holds(headers, index) == _any)
            {
                return _any;
            }
        }

        return !_any;
    }

    private static (bool Any, bool WithX) ParseMatch(ReadOnlySpan<byte> arguments)
    {
        if (!FieldTableBytes.TryFind(arguments, "x-match"u8, out var type, out var value))
        {
            return (false, false);
        }

        if (type != FieldType.LongString)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed,
                $"Invalid x-match field type {ReplyTerms.TypeName(type)} (value {ReplyTerms.Term(type, value)}); "
                + "expected longstr");
        }

        if (value.SequenceEqual("all"u8))
        {
            return (false, false);
        }

        if (value.SequenceEqual("any"u8))
        {
            return (true, false);
        }

        if (value.SequenceEqual("all-with-x"u8))
        {
            return (false, true);
        }

        return value.SequenceEqual("any-with-x"u8)
            ? (true, true)
            : throw new ChannelException(
                ReplyCode.PreconditionFailed,
                $"Invalid x-match field value {ReplyTerms.Term(type, value)}; "
                + "expected all, any, all-with-x, or any-with-x");
    }

    private readonly record struct Condition(byte[] Name, int Hash, byte Type, byte[] Value)
    {
        public bool Holds(ReadOnlySpan<byte> headers, HeaderIndex index) =>
            index.TryFind(headers, Name, Hash, out var type, out var value)
            && (Type == FieldType.Void || FieldComparison.SameValue(Type, Value, type, value));
    }
}
