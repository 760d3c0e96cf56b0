using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Amqp;

/// <summary>
/// A hard error: the connection closes by connection.close (10, 50). Bytes that are not AMQP 0-9-1 are always reported
/// by this exception, with <see cref="ReplyCode.FrameError"/> or <see cref="ReplyCode.SyntaxError"/>.
/// </summary>
/// <param name="code">The reply code; a refused login sends 403 on the connection too.</param>
/// <param name="text">What went wrong, without the name of the code.</param>
/// <param name="methodId">Class number in the high, method number in the low 16 bits; 0 when no method did it.</param>
public sealed class ConnectionException(ReplyCode code, string text, uint methodId = 0)
    : AmqpException(code, text, methodId)
{
    // Thrown from methods of their own so that the readers stay small enough to be inlined.
    [DoesNotReturn]
    internal static void ThrowSyntaxError(string text) => throw new ConnectionException(ReplyCode.SyntaxError, text);

    [DoesNotReturn]
    internal static void ThrowFrameError(string text) => throw new ConnectionException(ReplyCode.FrameError, text);
}
