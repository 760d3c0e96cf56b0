using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace ActorBroker.Core.Security;

/// <summary>Someone who may connect. Immutable.</summary>
internal sealed class User
{
    private readonly PasswordHash? _hash;
    private readonly string? _plainPassword;
    private readonly FrozenDictionary<string, Permissions> _permissions;
    private readonly FrozenDictionary<string, FrozenDictionary<string, TopicPermissions>> _topics;

    /// <summary>A user whose password is known by its hash; without one nobody can log in by password.</summary>
    /// <param name="name">Name to log in with.</param>
    /// <param name="hash">The hashed password, null for a user without.</param>
    /// <param name="tags">
    /// administrator, monitoring, policymaker, management, impersonator, or others of one's own.
    /// </param>
    /// <param name="permissions">Permissions by virtual host; one that is missing is closed to the user.</param>
    public User(
        string name,
        PasswordHash? hash,
        IEnumerable<string>? tags = null,
        IReadOnlyDictionary<string, Permissions>? permissions = null)
        : this(name, hash, null, tags, permissions, null)
    {
    }

    private User(
        string name,
        PasswordHash? hash,
        string? plainPassword,
        IEnumerable<string>? tags,
        IReadOnlyDictionary<string, Permissions>? permissions,
        FrozenDictionary<string, FrozenDictionary<string, TopicPermissions>>? topics)
    {
        Name = name;
        _hash = hash;
        _plainPassword = plainPassword;
        Tags = (tags ?? []).ToFrozenSet(StringComparer.Ordinal);
        _permissions = (permissions ?? FrozenDictionary<string, Permissions>.Empty)
            .ToFrozenDictionary(StringComparer.Ordinal);
        _topics = topics ?? FrozenDictionary<string, FrozenDictionary<string, TopicPermissions>>.Empty;
    }

    /// <summary>Name to log in with.</summary>
    public string Name { get; }

    /// <summary>administrator, monitoring, policymaker, management, impersonator, or others of one's own.</summary>
    public IReadOnlySet<string> Tags { get; }

    /// <summary>The hashed password; null for a user without, or with one from the configuration.</summary>
    public PasswordHash? Hash => _hash;

    /// <summary>Permissions by virtual host.</summary>
    public IReadOnlyDictionary<string, Permissions> Permissions => _permissions;

    /// <summary>Permissions on topics by virtual host and exchange.</summary>
    public IEnumerable<(string VirtualHost, string Exchange, TopicPermissions Topics)> TopicPermissions =>
        from host in _topics
        orderby host.Key
        from exchange in host.Value
        orderby exchange.Key
        select (host.Key, exchange.Key, exchange.Value);

    /// <summary>A user whose password stands in the configuration as it is.</summary>
    public static User WithPlainPassword(
        string name,
        string password,
        IEnumerable<string>? tags = null,
        IReadOnlyDictionary<string, Permissions>? permissions = null) =>
        new(name, null, password, tags, permissions, null);

    /// <summary>The same user with other permissions in one virtual host; null takes them away.</summary>
    public User WithPermissions(string virtualHost, Permissions? permissions)
    {
        var changed = new Dictionary<string, Permissions>(_permissions, StringComparer.Ordinal);
        if (permissions is null)
        {
            changed.Remove(virtualHost);
        }
        else
        {
            changed[virtualHost] = permissions;
        }

        return new User(Name, _hash, _plainPassword, Tags, changed, _topics);
    }

    /// <summary>Its permissions on topics in a virtual host, by exchange; null when it has none there.</summary>
    public IReadOnlyDictionary<string, TopicPermissions>? TopicsIn(string virtualHost) => _topics.GetValueOrDefault(virtualHost);

    /// <summary>The same user with other permissions on the topics of one exchange; null takes them away.</summary>
    public User WithTopics(string virtualHost, string exchange, TopicPermissions? topics)
    {
        var changed = new Dictionary<string, TopicPermissions>(TopicsIn(virtualHost) ?? FrozenDictionary<string, TopicPermissions>.Empty, StringComparer.Ordinal);
        if (topics is null)
        {
            changed.Remove(exchange);
        }
        else
        {
            changed[exchange] = topics;
        }

        return WithTopics(virtualHost, changed);
    }

    /// <summary>The same user without permissions on topics in one virtual host: every topic is allowed there.</summary>
    public User WithoutTopics(string virtualHost) => WithTopics(virtualHost, []);

    /// <summary>The same user with the permissions on topics of another; null for none.</summary>
    public User WithTopicsOf(User? other) => new(Name, _hash, _plainPassword, Tags, _permissions, other?._topics);

    /// <summary>The same user with another password and other tags.</summary>
    public User With(PasswordHash? hash, IEnumerable<string> tags) => new(Name, hash, null, tags, _permissions, _topics);

    /// <summary>The same user with its plain password hashed, so that it can be written down.</summary>
    /// <param name="salt">Exactly <see cref="PasswordHash.SaltLength"/> random bytes.</param>
    public User Hashed(ReadOnlySpan<byte> salt) =>
        _plainPassword is null ? this : With(PasswordHash.Create(_plainPassword, salt), Tags);

    /// <summary>True when that is the password. An empty one never is.</summary>
    public bool HasPassword(string password)
    {
        if (password.Length == 0)
        {
            return false;
        }

        // Hashed, so that the time it takes does not tell the length.
        return _plainPassword is null
            ? _hash is not null && _hash.Matches(password)
            : CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(password)),
                SHA256.HashData(Encoding.UTF8.GetBytes(_plainPassword)));
    }

    /// <summary>Says the name only: the rest is secret.</summary>
    public override string ToString() => Name;

    private User WithTopics(string virtualHost, Dictionary<string, TopicPermissions> topics)
    {
        var changed = new Dictionary<string, FrozenDictionary<string, TopicPermissions>>(_topics, StringComparer.Ordinal);
        changed.Remove(virtualHost);
        if (topics.Count > 0)
        {
            changed[virtualHost] = topics.ToFrozenDictionary(StringComparer.Ordinal);
        }

        return new User(Name, _hash, _plainPassword, Tags, _permissions, changed.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
