using System.Globalization;
using System.Text;

namespace ActorBroker.Core.Diagnostics;

/// <summary>Text of clients as it may stand in a log: one line, no control characters, not endless.</summary>
internal static class Printable
{
    private const int LongestName = 80;
    private const int LongestText = 400;

    /// <summary>A name; what is beyond 80 characters is cut off.</summary>
    public static string Name(string name) => Of(name, LongestName);

    /// <summary>A sentence that has names of clients in it; what is beyond 400 characters is cut off.</summary>
    public static string Text(string text) => Of(text, LongestText);

    private static string Of(string text, int longest)
    {
        if (text.Length <= longest && !text.Any(MustBeEscaped))
        {
            return text;
        }

        var clean = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, longest)))
        {
            _ = c switch
            {
                '\n' => clean.Append("\\n"),
                '\r' => clean.Append("\\r"),
                '\t' => clean.Append("\\t"),
                _ when MustBeEscaped(c) => clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => clean.Append(c),
            };
        }

        return text.Length > longest ? clean.Append('…').ToString() : clean.ToString();
    }

    private static bool MustBeEscaped(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
