using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;

namespace ActorBroker.Listener;

/// <summary>Names as text. Most are used again and again, but this is for replies and errors, not for the path of messages.</summary>
internal static class Text
{
    /// <exception cref="ConnectionException">501, as RabbitMQ: not UTF-8, because two names must never read as one.</exception>
    public static string Of(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8)
        ? Encoding.UTF8.GetString(utf8)
        : throw new ConnectionException(ReplyCode.FrameError, "Malformed UTF-8 in shortstr");
}
