using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Topology;

/// <summary>Whether a redeclaration asks for what is there already; if not, 406 with RabbitMQ's text.</summary>
internal static class Equivalence
{
    public static void RequireSame(bool current, bool received, string property, string resource)
    {
        if (current != received)
        {
            throw Inequivalent(property, resource, $"'{Text(received)}'", $"'{Text(current)}'");
        }
    }

    public static void RequireSame(string current, string received, string property, string resource)
    {
        if (current != received)
        {
            throw Inequivalent(property, resource, $"'{received}'", $"'{current}'");
        }
    }

    /// <summary>
    /// Compares one argument: numbers by value whatever their width; a missing one equals only a missing one.
    /// </summary>
    /// <param name="current">The arguments of the first declaration.</param>
    /// <param name="received">Those of the redeclaration.</param>
    /// <param name="argument">Name of the argument.</param>
    /// <param name="resource">What is declared, as it stands in the text.</param>
    /// <param name="whenMissing">What a missing argument means, null when it means nothing.</param>
    public static void RequireSameArgument(
        FieldTable current, FieldTable received, string argument, string resource, string? whenMissing = null)
    {
        Span<byte> name = stackalloc byte[64];
        name = name[..Encoding.UTF8.GetBytes(argument, name)];
        var isThere = FieldTableBytes.TryFind(current.Encoded, name, out var currentType, out var currentValue);
        var isReceived = FieldTableBytes.TryFind(received.Encoded, name, out var receivedType, out var receivedValue);
        if (isThere && isReceived)
        {
            if (!SameValue(currentType, currentValue, receivedType, receivedValue))
            {
                throw Inequivalent(
                    argument,
                    resource,
                    $"'{ReplyTerms.Plain(receivedType, receivedValue)}'",
                    $"'{ReplyTerms.Plain(currentType, currentValue)}'");
            }
        }
        else if (isThere && !Means(currentType, currentValue, whenMissing))
        {
            throw Inequivalent(argument, resource, "none", WithType(currentType, currentValue));
        }
        else if (isReceived && !Means(receivedType, receivedValue, whenMissing))
        {
            throw Inequivalent(argument, resource, WithType(receivedType, receivedValue), "none");
        }
    }

    private static bool SameValue(byte leftType, ReadOnlySpan<byte> left, byte rightType, ReadOnlySpan<byte> right) =>
        IsReal(leftType) == IsReal(rightType) && FieldComparison.SameValue(leftType, left, rightType, right);

    private static bool IsReal(byte type) => type is FieldType.Float or FieldType.Double;

    private static bool Means(byte type, ReadOnlySpan<byte> value, string? text) =>
        text is not null && type == FieldType.LongString && value.SequenceEqual(Encoding.UTF8.GetBytes(text));

    private static string WithType(byte type, ReadOnlySpan<byte> value) =>
        $"the value '{ReplyTerms.Plain(type, value)}' of type '{ReplyTerms.TypeName(type)}'";

    private static string Text(bool value) => value ? "true" : "false";

    private static ChannelException Inequivalent(string argument, string resource, string received, string current) =>
        new(
            ReplyCode.PreconditionFailed,
            $"inequivalent arg '{argument}' for {resource}: received {received} but current is {current}");
}
