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
    private readonly Condition[] _conditions;
    private readonly bool _any;

    public HeadersRule(FieldTable arguments)
    {
        (_any, var withX) = ParseMatch(arguments.Encoded);
        var conditions = new List<Condition>();
        foreach (var field in FieldTableBytes.Enumerate(arguments.Encoded))
        {
            if (!field.Name.SequenceEqual("x-match"u8) && (withX || !field.Name.StartsWith("x-"u8)))
            {
                conditions.Add(new Condition(field.Name.ToArray(), field.Type, field.Value.ToArray()));
            }
        }

        _conditions = [.. conditions];
    }

    /// <summary>Checks the arguments of a headers binding.</summary>
    /// <exception cref="ChannelException">406: x-match is not one of the four words.</exception>
    public static void Validate(FieldTable arguments) => ParseMatch(arguments.Encoded);

    public bool Matches(ReadOnlySpan<byte> headers)
    {
        foreach (var condition in _conditions)
        {
            if (condition.Holds(headers) == _any)
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

    private readonly record struct Condition(byte[] Name, byte Type, byte[] Value)
    {
        public bool Holds(ReadOnlySpan<byte> headers) =>
            FieldTableBytes.TryFind(headers, Name, out var type, out var value)
            && (Type == FieldType.Void || FieldComparison.SameValue(Type, Value, type, value));
    }
}
