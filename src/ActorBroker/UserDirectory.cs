using System.Net;
using System.Text;
using ActorBroker.Core.Security;

namespace ActorBroker;

/// <summary>The users that configuration names.</summary>
public sealed class UserDirectory(IEnumerable<User> users, LoopbackUsers loopback)
{
    private readonly Dictionary<string, User> _users = users.ToDictionary(u => u.Name, StringComparer.Ordinal);

    /// <summary>Checks a login.</summary>
    /// <param name="name">User name.</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="from">Address of the client; null in-process.</param>
    /// <returns>The user, or null when name, password or address is refused.</returns>
    public User? Authenticate(string name, ReadOnlySpan<byte> password, IPAddress? from) =>
        _users.TryGetValue(name, out var user) && user.HasPassword(Encoding.UTF8.GetString(password)) && loopback.Allows(name, from) ? user : null;
}
