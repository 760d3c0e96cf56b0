using System.Text;
using System.Text.Unicode;

namespace ActorBroker.Amqp;

/// <summary>An error that AMQP can tell the peer: a reply code, a text and the method that caused it.</summary>
/// <param name="code">The reply code sent in channel.close or connection.close.</param>
/// <param name="text">What went wrong, without the name of the code.</param>
/// <param name="methodId">Class number in the high, method number in the low 16 bits; 0 when no method did it.</param>
public abstract class AmqpException(ReplyCode code, string text, uint methodId = 0)
    : Exception($"{code.Name} - {text}")
{
    private const int MaxReplyTextBytes = 255;

    /// <summary>The reply code of channel.close or connection.close.</summary>
    public ReplyCode Code { get; } = code;

    /// <summary>What went wrong, without the name of the code.</summary>
    public string Text { get; } = text;

    /// <summary>Class number in the high, method number in the low 16 bits; 0 when no method caused it.</summary>
    public uint MethodId { get; } = methodId;

    /// <summary>The class of the method that caused the error, 0 when none did.</summary>
    public ushort ClassNumber => (ushort)(MethodId >> 16);

    /// <summary>The number of the method that caused the error within its class, 0 when none did.</summary>
    public ushort MethodNumber => (ushort)MethodId;

    /// <summary>Name of the code and text, cut between characters to fit a short string of 255 UTF-8 bytes.</summary>
    public string ReplyText
    {
        get
        {
            Span<byte> bytes = stackalloc byte[MaxReplyTextBytes];
            Utf8.FromUtf16(Message, bytes, out _, out var written);
            return Encoding.UTF8.GetString(bytes[..written]);
        }
    }
}
