using System.Collections.Immutable;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <summary>Whether a user must be there before it is put.</summary>
internal enum UserPutMode
{
    /// <summary>It must not.</summary>
    Create,

    /// <summary>It must.</summary>
    Change,

    /// <summary>It may.</summary>
    CreateOrChange,
}

/// <content>Users and their permissions.</content>
internal sealed partial class TopologyState
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal); // the others are as configured

    /// <summary>All users by name; of one that was changed by command only the changed form.</summary>
    public ImmutableDictionary<string, User> Users { get; private set; } =
        (configured ?? ConfiguredTopology.None).Users.ToImmutableDictionary(u => u.Name, StringComparer.Ordinal);

    /// <summary>The user of that name, null when there is none.</summary>
    public User? FindUser(string name) => Users.GetValueOrDefault(name);

    /// <summary>Creates or changes a user; nothing when it is like that already.</summary>
    /// <param name="name">Name to log in with.</param>
    /// <param name="hash">The new password; null leaves it as it is.</param>
    /// <param name="tags">The new tags; null leaves them as they are.</param>
    /// <param name="mode">Whether it must be there.</param>
    /// <param name="salt">Four random bytes, for a configured user whose plain password must be written down from now on.</param>
    /// <exception cref="RefusedException">It is there, or is not, or has a bad name or tag.</exception>
    public IReadOnlyList<ITopologyEvent> DecideUserPut(
        string name, PasswordHash? hash, IReadOnlyCollection<string>? tags, UserPutMode mode, ReadOnlySpan<byte> salt)
    {
        var known = FindUser(name);
        if (known is null ? mode == UserPutMode.Change : mode == UserPutMode.Create)
        {
            throw known is null
                ? NoUser(name)
                : new RefusedException(RefusalReason.Exists, $"user '{name}' is there already");
        }

        RefuseBadName("user", name);
        if (tags?.FirstOrDefault(t => t.Length == 0 || t.Any(c => c == ',' || char.IsControl(c))) is { } bad)
        {
            throw new RefusedException(RefusalReason.Invalid, $"tag '{bad}' must not be empty nor have a comma or control characters");
        }

        if (known is not null && hash is null && (tags is null || known.Tags.SetEquals(tags)))
        {
            return [];
        }

        var user = known?.Hashed(salt) ?? new User(name, null);
        return Put(user.With(hash ?? user.Hash, tags ?? user.Tags));
    }

    /// <summary>Removes a user.</summary>
    /// <exception cref="RefusedException">There is none, or the next start would bring it back: it stands in the configuration.</exception>
    public IReadOnlyList<ITopologyEvent> DecideUserRemove(string name)
    {
        if (_configured.Users.Any(u => u.Name == name))
        {
            throw new RefusedException(
                RefusalReason.Configured,
                $"user '{name}' stands in the configuration: set actor-broker.users.{name}.enabled = off, and start anew first");
        }

        return Users.ContainsKey(name) ? [new TopologyEvents.UserRemoved(name)] : throw NoUser(name);
    }

    /// <summary>Lets a user into a virtual host, with three regular expressions; nothing when it is like that already.</summary>
    /// <param name="name">Name of the user.</param>
    /// <param name="virtualHost">The virtual host.</param>
    /// <param name="configure">Names it may create and delete.</param>
    /// <param name="write">Names it may put messages into.</param>
    /// <param name="read">Names it may take messages from.</param>
    /// <param name="salt">Four random bytes, see <see cref="DecideUserPut"/>.</param>
    /// <exception cref="RefusedException">No such user or virtual host, or no regular expression.</exception>
    public IReadOnlyList<ITopologyEvent> DecidePermissionsSet(
        string name, string virtualHost, string configure, string write, string read, ReadOnlySpan<byte> salt)
    {
        var user = UserIn(virtualHost, name);
        Permissions permissions;
        try
        {
            permissions = new Permissions(configure, write, read);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(RefusalReason.Invalid, $"permissions must be regular expressions: {e.Message}");
        }

        return user.Permissions.TryGetValue(virtualHost, out var known) && known.SameAs(permissions)
            ? []
            : [.. Adopt(user, salt), new TopologyEvents.PermissionsSet(name, virtualHost, permissions)];
    }

    /// <summary>Shuts a user out of a virtual host; nothing when it is not in.</summary>
    /// <exception cref="RefusedException">No such user or virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecidePermissionsClear(string name, string virtualHost, ReadOnlySpan<byte> salt)
    {
        var user = UserIn(virtualHost, name);
        return user.Permissions.ContainsKey(virtualHost)
            ? [.. Adopt(user, salt), new TopologyEvents.PermissionsCleared(name, virtualHost)]
            : [];
    }

    /// <summary>
    /// Limits a user to some topics of an exchange, which need not be there, by two regular expressions; nothing when it is like that already.
    /// </summary>
    /// <param name="name">Name of the user.</param>
    /// <param name="virtualHost">The virtual host.</param>
    /// <param name="exchange">Name of the exchange.</param>
    /// <param name="write">Routing keys it may publish with.</param>
    /// <param name="read">Keys it may bind by.</param>
    /// <param name="salt">Four random bytes, see <see cref="DecideUserPut"/>.</param>
    /// <exception cref="RefusedException">No such user or virtual host, a bad name, or no regular expression.</exception>
    public IReadOnlyList<ITopologyEvent> DecideTopicPermissionsSet(
        string name, string virtualHost, string exchange, string write, string read, ReadOnlySpan<byte> salt)
    {
        var user = UserIn(virtualHost, name);
        RefuseBadName("exchange", exchange);
        TopicPermissions topics;
        try
        {
            topics = new TopicPermissions(name, virtualHost, write, read);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(RefusalReason.Invalid, $"permissions must be regular expressions: {e.Message}");
        }

        return user.TopicsIn(virtualHost)?.GetValueOrDefault(exchange) is { } known && known.SameAs(topics)
            ? []
            : [.. Adopt(user, salt), new TopologyEvents.TopicPermissionsSet(name, virtualHost, exchange, topics)];
    }

    /// <summary>Lifts the limits on the topics of one exchange, or of all; nothing when there are none.</summary>
    /// <param name="name">Name of the user.</param>
    /// <param name="virtualHost">The virtual host.</param>
    /// <param name="exchange">Name of the exchange; null for all of the virtual host.</param>
    /// <param name="salt">Four random bytes, see <see cref="DecideUserPut"/>.</param>
    /// <exception cref="RefusedException">No such user or virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideTopicPermissionsClear(string name, string virtualHost, string? exchange, ReadOnlySpan<byte> salt)
    {
        var user = UserIn(virtualHost, name);
        return user.TopicsIn(virtualHost) is { } topics && (exchange is null || topics.ContainsKey(exchange))
            ? [.. Adopt(user, salt), new TopologyEvents.TopicPermissionsCleared(name, virtualHost, exchange)]
            : [];
    }

    private static RefusedException NoUser(string name) => new(RefusalReason.NotFound, $"there is no user '{name}'");

    private User UserIn(string virtualHost, string name)
    {
        var user = FindUser(name) ?? throw NoUser(name);
        return _virtualHosts.ContainsKey(virtualHost)
            ? user
            : throw new RefusedException(RefusalReason.NotFound, $"there is no vhost '{virtualHost}'");
    }

    /// <summary>A configured user is written down with the first change of it.</summary>
    private IEnumerable<ITopologyEvent> Adopt(User user, ReadOnlySpan<byte> salt) =>
        _written.Contains(user.Name) ? [] : Put(user.Hashed(salt));

    /// <summary>What was configured for its topics is written down with it; from then on it has events of its own.</summary>
    private IReadOnlyList<ITopologyEvent> Put(User user) => _written.Contains(user.Name)
        ? [new TopologyEvents.UserPut(user)]
        : [new TopologyEvents.UserPut(user), .. TopicsOf(user)];

    private static IEnumerable<ITopologyEvent> TopicsOf(User user) =>
        user.TopicPermissions.Select(t => new TopologyEvents.TopicPermissionsSet(user.Name, t.VirtualHost, t.Exchange, t.Topics));

    private void ApplyToUsers(ITopologyEvent @event)
    {
        switch (@event)
        {
            case TopologyEvents.UserPut e:
                // of what is configured nothing is left: a log must lead to the same under another configuration
                Users = Users.SetItem(e.User.Name, e.User.WithTopicsOf(_written.Contains(e.User.Name) ? FindUser(e.User.Name) : null));
                _written.Add(e.User.Name);
                break;
            case TopologyEvents.UserRemoved e:
                Users = Users.Remove(e.Name);
                _written.Remove(e.Name);
                break;
            case TopologyEvents.PermissionsSet e when FindUser(e.User) is { } user:
                Users = Users.SetItem(e.User, user.WithPermissions(e.VirtualHost, e.Permissions));
                break;
            case TopologyEvents.PermissionsCleared e when FindUser(e.User) is { } user:
                Users = Users.SetItem(e.User, user.WithPermissions(e.VirtualHost, null));
                break;
            case TopologyEvents.TopicPermissionsSet e when FindUser(e.User) is { } user:
                Users = Users.SetItem(e.User, user.WithTopics(e.VirtualHost, e.Exchange, e.Topics));
                break;
            case TopologyEvents.TopicPermissionsCleared e when FindUser(e.User) is { } user:
                Users = Users.SetItem(
                    e.User, e.Exchange is { } exchange ? user.WithTopics(e.VirtualHost, exchange, null) : user.WithoutTopics(e.VirtualHost));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(@event), @event, "Not an event of this topology.");
        }
    }

    private void ClearPermissions(string virtualHost)
    {
        foreach (var user in Users.Values.Where(u => u.Permissions.ContainsKey(virtualHost) || u.TopicsIn(virtualHost) is not null))
        {
            Users = Users.SetItem(user.Name, user.WithPermissions(virtualHost, null).WithoutTopics(virtualHost));
        }
    }
}
