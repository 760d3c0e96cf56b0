using System.Text.RegularExpressions;

namespace ActorBroker.Core.Security;

/// <summary>
/// A regular expression over names, matched anywhere in them unless it is anchored. It is matched without backtracking, so that no
/// name can make it slow; expressions that need backtracking are refused.
/// </summary>
internal sealed class NamePattern
{
    /// <summary>Longest expression, in characters: what it costs to match grows with it.</summary>
    public const int MaxLength = 4096;

    private readonly Regex? _expression;

    private NamePattern(Regex? expression) => _expression = expression;

    /// <summary>True when nothing has to be compared.</summary>
    public bool MatchesAll => _expression is null;

    /// <summary>Reads an expression; the empty one matches nothing.</summary>
    /// <exception cref="ArgumentException">
    /// It is no regular expression, or one with a lookaround, a back reference or another thing that needs backtracking, or too large.
    /// </exception>
    public static NamePattern Parse(string expression)
    {
        if (expression is ".*" or "^.*" or "^.*$" or ".*$")
        {
            return new NamePattern(null);
        }

        if (expression.Length > MaxLength)
        {
            throw new ArgumentException($"an expression of {expression.Length} characters: must be at most {MaxLength}");
        }

        try
        {
            var pattern = expression.Length == 0 ? "^$" : expression; // as RabbitMQ: no name is empty
            return new NamePattern(new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (NotSupportedException)
        {
            throw new ArgumentException(
                $"'{expression}' needs backtracking, which a name can make slow: "
                + "do without lookarounds (?=…) (?!…), back references \\1, atomic groups (?>…) and large counts {n}");
        }
    }

    /// <summary>Compares; the time grows with the name.</summary>
    public bool Matches(string name) => _expression is null || _expression.IsMatch(name);
}
