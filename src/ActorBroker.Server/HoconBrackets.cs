namespace ActorBroker.Server;

/// <summary>Looks for what the parser of settings does not notice or does not say: brackets and quotes that are not closed.</summary>
internal static class HoconBrackets
{
    private const string Long = "\"\"\"";

    /// <summary>What is wrong, where, and how to mend it, such as <c>line 3: '[' is never closed; add ']'</c>; null when all is closed.</summary>
    public static string? FaultIn(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#' or '/' when text[i] == '#' || text.AsSpan(i).StartsWith("//", StringComparison.Ordinal):
                    i = EndOfLine(text, i) - 1;
                    break;
                case '"':
                    var end = EndOfString(text, i);
                    if (end < 0)
                    {
                        return $"line {line}: the quote is never closed; add {(text.AsSpan(i).StartsWith(Long, StringComparison.Ordinal) ? Long : "\"")}";
                    }

                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end;
                    break;
                case '[' or '{':
                    open.Push((text[i], line));
                    break;
                case ']' or '}' when open.Count == 0:
                    return $"line {line}: '{text[i]}' closes nothing; remove it, or open it before";
                case ']' or '}' when Closing(open.Peek().Bracket) != text[i]:
                    return $"line {line}: '{text[i]}' where '{Closing(open.Peek().Bracket)}' must be: '{open.Peek().Bracket}' of line {open.Peek().Line} is not closed";
                case ']' or '}':
                    open.Pop();
                    break;
            }
        }

        return open.TryPop(out var last) ? $"line {last.Line}: '{last.Bracket}' is never closed; add '{Closing(last.Bracket)}'" : null;
    }

    private static char Closing(char bracket) => bracket == '[' ? ']' : '}';

    private static int EndOfLine(string text, int from) => text.IndexOf('\n', from) is >= 0 and var end ? end : text.Length;

    /// <summary>Where the string that starts here has its last quote; -1 for never.</summary>
    private static int EndOfString(string text, int start)
    {
        if (text.AsSpan(start).StartsWith(Long, StringComparison.Ordinal))
        {
            var end = text.IndexOf(Long, start + Long.Length, StringComparison.Ordinal);
            return end < 0 ? -1 : end + Long.Length - 1;
        }

        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }
}
