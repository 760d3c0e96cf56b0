using System.Collections.Concurrent;

namespace ActorBroker.Core.Security;

/// <summary>
/// What a user may do in one virtual host: three regular expressions over the names of queues and exchanges. They match
/// anywhere in the name unless they are anchored; the default exchange is asked for as <c>amq.default</c>.
/// </summary>
/// <remarks>
/// Answers are remembered, at most <see cref="CacheCapacity"/> of them. Any thread may ask, also one of a socket: an expression is
/// matched in a time that grows with the name and no faster, or it is refused.
/// </remarks>
internal sealed class Permissions
{
    /// <summary>How many answers are remembered.</summary>
    public const int CacheCapacity = 1024;

    /// <summary>No name of AMQP is longer, in bytes of UTF-8.</summary>
    private const int LongestName = 255;

    private static readonly NamePattern Nothing = NamePattern.Parse("");

    private readonly NamePattern _configure;
    private readonly NamePattern _write;
    private readonly NamePattern _read;
    private readonly ConcurrentDictionary<(AccessRight Right, string Name), bool> _answers = new();
    private int _count;

    /// <summary>Permissions by three regular expressions; an empty one allows nothing.</summary>
    /// <param name="configure">Names one may create and delete.</param>
    /// <param name="write">Names one may put messages into.</param>
    /// <param name="read">Names one may take messages from.</param>
    /// <exception cref="ArgumentException">One is no regular expression, or one that is not supported; says why.</exception>
    public Permissions(string configure, string write, string read)
    {
        (Configure, Write, Read) = (configure, write, read);
        (_configure, _write, _read) = (NamePattern.Parse(configure), NamePattern.Parse(write), NamePattern.Parse(read));
    }

    private Permissions(string configure, string write, string read, string problem)
    {
        (Configure, Write, Read, Problem) = (configure, write, read, problem);
        _configure = _write = _read = Nothing;
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

    /// <summary>Why these allow nothing although they say otherwise; null when they are in order.</summary>
    public string? Problem { get; }

    /// <summary>
    /// Permissions that an earlier version has written down. Where it took an expression that is refused today, they allow nothing.
    /// </summary>
    public static Permissions FromStore(string configure, string write, string read)
    {
        try
        {
            return new Permissions(configure, write, read);
        }
        catch (ArgumentException e)
        {
            return new Permissions(configure, write, read, e.Message);
        }
    }

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
        if (expression.MatchesAll)
        {
            return true;
        }

        if (name.Length > LongestName)
        {
            return false;
        }

        if (_answers.TryGetValue((right, name), out var allowed))
        {
            return allowed;
        }

        allowed = expression.Matches(name);
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
}
