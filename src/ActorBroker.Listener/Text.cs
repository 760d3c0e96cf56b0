using System.Text;

namespace ActorBroker.Listener;

/// <summary>Names as text. Most are used again and again, but this is for replies and errors, not for the path of messages.</summary>
internal static class Text
{
    public static string Of(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
