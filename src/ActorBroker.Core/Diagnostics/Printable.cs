using System.Globalization;
using System.Text;

namespace ActorBroker.Core.Diagnostics;

/// <summary>Text of clients and operators as it may stand in a log: on one line, bounded, and with nothing in it that acts on a terminal.</summary>
internal static class Printable
{
    /// <summary>Most characters; the longest name has 255, reply texts are not much longer.</summary>
    public const int MaxLength = 512;

    /// <summary>
    /// The text with control and formatting characters, line separators, halves of surrogate pairs and backslashes escaped as in C#, cut off after
    /// <see cref="MaxLength"/> characters.
    /// </summary>
    public static string Of(string? text)
    {
        if (text is null)
        {
            return "";
        }

        if (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('\\'))
        {
            return text; // nearly always
        }

        var printable = new StringBuilder(Math.Min(text.Length, MaxLength) + 16);
        var at = 0;
        while (at < text.Length && at < MaxLength)
        {
            at += Append(printable, text, at);
        }

        return at < text.Length ? printable.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)").ToString() : printable.ToString();
    }

    private static int Append(StringBuilder printable, string text, int at)
    {
        var c = text[at];
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            printable.Append(c).Append(text[at + 1]);
            return 2;
        }

        _ = c switch
        {
            '\\' => printable.Append(@"\\"),
            '\n' => printable.Append(@"\n"),
            '\r' => printable.Append(@"\r"),
            '\t' => printable.Append(@"\t"),
            _ when Acts(c) => printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            _ => printable.Append(c),
        };
        return 1;
    }

    /// <summary>Ends a line, changes the direction of the text, is not seen, or is no character.</summary>
    private static bool Acts(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
