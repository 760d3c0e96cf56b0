using System.Runtime.CompilerServices;
using System.Text;

namespace ActorBroker.Client;

/// <summary>Names and keys that a caller gives: what AMQP cannot carry is told at once, and which argument it was.</summary>
internal static class Names
{
    private const int MaxBytes = 255;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>A short string of AMQP; may be empty.</summary>
    /// <exception cref="ArgumentException">It is null, longer than 255 bytes of UTF-8, or no text.</exception>
    public static void Check(string value, [CallerArgumentExpression(nameof(value))] string argument = "")
    {
        ArgumentNullException.ThrowIfNull(value, argument);
        if (value.Length <= MaxBytes && Ascii.IsValid(value))
        {
            return;
        }

        int bytes;
        try
        {
            bytes = Strict.GetByteCount(value);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("must be text: half a surrogate pair has no UTF-8", argument);
        }

        if (bytes > MaxBytes)
        {
            throw new ArgumentException($"must be at most {MaxBytes} bytes of UTF-8, and has {bytes}", argument);
        }
    }
}
