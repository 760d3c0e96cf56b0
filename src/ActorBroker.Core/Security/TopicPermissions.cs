using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Security;

/// <summary>
/// Which routing keys a user may publish with, and bind by, at one topic exchange: two regular expressions, not anchored, in which
/// <c>{username}</c> and <c>{vhost}</c> stand for the user's name and the virtual host's. Without such permissions every key is allowed.
/// </summary>
/// <remarks>
/// The names are put in as they are, not as expressions: a user called <c>.*</c> gets no other rights by that. Answers are remembered, at most
/// <see cref="CacheCapacity"/> of them. Any thread may ask.
/// </remarks>
internal sealed class TopicPermissions
{
    /// <summary>How many answers are remembered.</summary>
    public const int CacheCapacity = 4096;

    private const int LongestKey = 255; // of AMQP; what CC and BCC carry can be as long as a frame, and would be remembered

    private readonly NamePattern _write;
    private readonly NamePattern _read;
    private readonly ConcurrentDictionary<byte[], bool> _writable = new(ByteKeyComparer.Instance);
    private int _count;

    /// <summary>Permissions by two regular expressions; an empty one allows the empty key only.</summary>
    /// <param name="user">Name of the user.</param>
    /// <param name="virtualHost">Where the exchange is.</param>
    /// <param name="write">Keys one may publish with.</param>
    /// <param name="read">Keys one may bind by.</param>
    /// <exception cref="ArgumentException">One is no regular expression, or one that is not supported; says why.</exception>
    public TopicPermissions(string user, string virtualHost, string write, string read)
        : this(write, read, Parse(user, virtualHost, write), Parse(user, virtualHost, read))
    {
    }

    private TopicPermissions(string write, string read, NamePattern writable, NamePattern readable) =>
        (Write, Read, _write, _read) = (write, read, writable, readable);

    /// <summary>Keys one may publish with, as it was set.</summary>
    public string Write { get; }

    /// <summary>Keys one may bind by, as it was set.</summary>
    public string Read { get; }

    /// <summary>Asks for one right on one key.</summary>
    /// <param name="right">Write or read.</param>
    /// <param name="key">A routing or binding key; one that is longer than 255 bytes or not UTF-8 is no topic and not allowed.</param>
    public bool Allows(AccessRight right, ReadOnlySpan<byte> key)
    {
        var pattern = right == AccessRight.Write ? _write : _read;
        if (pattern.MatchesAll)
        {
            return true;
        }

        if (key.Length > LongestKey)
        {
            return false;
        }

        if (right != AccessRight.Write)
        {
            return Matches(pattern, key); // binding is rare
        }

        if (_writable.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var allowed))
        {
            return allowed;
        }

        allowed = Matches(pattern, key);
        if (Interlocked.Increment(ref _count) > CacheCapacity)
        {
            _writable.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _writable.TryAdd(key.ToArray(), allowed);
        return allowed;
    }

    /// <summary>True when these are the same two expressions.</summary>
    public bool SameAs(TopicPermissions other) => Write == other.Write && Read == other.Read;

    private static bool Matches(NamePattern pattern, ReadOnlySpan<byte> key) => Utf8.IsValid(key) && pattern.Matches(Encoding.UTF8.GetString(key));

    private static NamePattern Parse(string user, string virtualHost, string expression) => NamePattern.Parse(Regex.Replace(
        expression, @"\{(username|vhost)\}", found => Regex.Escape(found.Value == "{username}" ? user : virtualHost)));
}
