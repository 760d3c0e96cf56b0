using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace ActorBroker.Core.Security;

/// <summary>
/// What a user may do in one virtual host: three regular expressions over the names of queues and exchanges. They match
/// anywhere in the name unless they are anchored; the default exchange is asked for as <c>amq.default</c>.
/// </summary>
/// <remarks>Answers are remembered, at most <see cref="CacheCapacity"/> of them. Any thread may ask.</remarks>
internal sealed class Permissions
{
    /// <summary>How many answers are remembered.</summary>
    public const int CacheCapacity = 1024;

    // For expressions that need backtracking: longer than any sane one takes, short enough not to stop a connection.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);

    private readonly Regex? _configure;
    private readonly Regex? _write;
    private readonly Regex? _read;
    private readonly ConcurrentDictionary<(AccessRight Right, string Name), bool> _answers = new();
    private int _count;

    /// <summary>Permissions by three regular expressions; an empty one allows nothing.</summary>
    /// <param name="configure">Names one may create and delete.</param>
    /// <param name="write">Names one may put messages into.</param>
    /// <param name="read">Names one may take messages from.</param>
    /// <exception cref="ArgumentException">One is no regular expression.</exception>
    public Permissions(string configure, string write, string read)
    {
        (Configure, Write, Read) = (configure, write, read);
        (_configure, _write, _read) = (Compile(configure), Compile(write), Compile(read));
    }

    /// <summary>Everything is allowed.</summary>
    public static Permissions All { get; } = new(".*", ".*", ".*");

    /// <summary>Nothing is allowed.</summary>
    public static Permissions None { get; } = new("", "", "");

    /// <summary>Names one may create and delete.</summary>
    public string Configure { get; }

    /// <summary>Names one may put messages into.</summary>
    public string Write { get; }

    /// <summary>Names one may take messages from.</summary>
    public string Read { get; }

    /// <summary>Asks for one right on one name.</summary>
    /// <param name="right">The right.</param>
    /// <param name="name">Name of a queue or exchange; the default exchange is <c>amq.default</c>.</param>
    public bool Allows(AccessRight right, string name)
    {
        var expression = right switch
        {
            AccessRight.Configure => _configure,
            AccessRight.Write => _write,
            _ => _read,
        };
        if (expression is null)
        {
            return true;
        }

        if (_answers.TryGetValue((right, name), out var allowed))
        {
            return allowed;
        }

        allowed = Matches(expression, name);
        if (Interlocked.Increment(ref _count) > CacheCapacity)
        {
            _answers.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _answers.TryAdd((right, name), allowed);
        return allowed;
    }

    /// <summary>True when these are the same three expressions.</summary>
    public bool SameAs(Permissions other) => Configure == other.Configure && Write == other.Write && Read == other.Read;

    private static bool Matches(Regex expression, string name)
    {
        try
        {
            return expression.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false; // no answer is no permission
        }
    }

    /// <returns>Null for the expression that matches every name.</returns>
    private static Regex? Compile(string expression)
    {
        if (expression is ".*" or "^.*" or "^.*$" or ".*$")
        {
            return null;
        }

        var pattern = expression.Length == 0 ? "^$" : expression; // as RabbitMQ: no name is empty
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Lookarounds and back references.
            return new Regex(pattern, RegexOptions.CultureInvariant, LongestMatch);
        }
    }
}
