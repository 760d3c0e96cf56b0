using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Topology;

/// <summary>
/// Arguments that are names or routing keys. On the wire they are long strings, which may be any bytes of any length; a name is UTF-8 of at
/// most 255 bytes. Bytes that are no name would read as another name than the one whose rights were asked for.
/// </summary>
internal static class NameArguments
{
    private const int MaxLength = 255;

    /// <summary>Refuses arguments of queue.declare (50, 10) that should be names and are none.</summary>
    /// <exception cref="ChannelException">406.</exception>
    public static void CheckQueue(FieldTable arguments, string virtualHost, string name)
    {
        if (arguments.Encoded.IsEmpty)
        {
            return;
        }

        var resource = TopologyErrors.Queue(virtualHost, name);
        Read(arguments, "x-dead-letter-exchange"u8, resource);
        Read(arguments, "x-dead-letter-routing-key"u8, resource);
    }

    /// <summary>Refuses arguments of exchange.declare (40, 10) that should be names and are none.</summary>
    /// <exception cref="ChannelException">406.</exception>
    public static void CheckExchange(FieldTable arguments, string virtualHost, string name)
    {
        if (!arguments.Encoded.IsEmpty)
        {
            Read(arguments, "alternate-exchange"u8, TopologyErrors.Exchange(virtualHost, name));
        }
    }

    /// <summary>A name as text; null when it is missing, or of a type that no name has. Looks at bytes only, so that large tables cost little.</summary>
    /// <exception cref="ChannelException">406: not UTF-8, or more than 255 bytes.</exception>
    public static string? Read(FieldTable arguments, ReadOnlySpan<byte> argument, string resource)
    {
        if (!FieldTableBytes.TryFind(arguments.Encoded, argument, out var type, out var value) || type != FieldType.LongString)
        {
            return null;
        }

        if (value.Length > MaxLength)
        {
            throw TopologyErrors.InvalidName(Encoding.UTF8.GetString(argument), resource, $"it has {value.Length} bytes, a name has at most {MaxLength}");
        }

        return Utf8.IsValid(value)
            ? Encoding.UTF8.GetString(value)
            : throw TopologyErrors.InvalidName(Encoding.UTF8.GetString(argument), resource, "it is not valid UTF-8");
    }
}
