using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Unicode;
using ActorBroker.Core.Security;

namespace ActorBroker;

/// <summary>Who may log in, as of the last committed change. Any thread may ask.</summary>
/// <param name="users">The users to begin with.</param>
/// <param name="loopback">Those that must be on this machine.</param>
internal sealed class UserDirectory(IEnumerable<User> users, LoopbackUsers loopback)
{
    private volatile ImmutableDictionary<string, User> _users = users.ToImmutableDictionary(u => u.Name, StringComparer.Ordinal);

    /// <summary>The user as it is now, null when there is none. Another password, tag or permission makes it another object.</summary>
    public User? Find(string name) => _users.GetValueOrDefault(name);

    /// <summary>Checks a login.</summary>
    /// <param name="name">User name.</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="from">Address of the client; null in-process.</param>
    /// <returns>The user, or null when name, password or address is refused.</returns>
    public User? Authenticate(string name, ReadOnlySpan<byte> password, IPAddress? from) => Authenticate(name, password, from, out _);

    /// <summary>Checks a login, and says for the broker's log why it was refused.</summary>
    public User? Authenticate(string name, ReadOnlySpan<byte> password, IPAddress? from, out string why)
    {
        var user = Admit(name, from, out why);
        if (!Utf8.IsValid(password) || Find(name)?.HasPassword(Encoding.UTF8.GetString(password)) == false)
        {
            why = "wrong password";
            return null;
        }

        return user;
    }

    /// <summary>Lets in somebody whose name is proven by other means than a password.</summary>
    /// <param name="name">User name.</param>
    /// <param name="from">Address of the client; null in-process.</param>
    /// <param name="why">Why not.</param>
    /// <returns>The user, or null when name or address is refused.</returns>
    public User? Admit(string name, IPAddress? from, out string why)
    {
        var user = Find(name);
        why = user is null ? "there is no such user" : loopback.Allows(name, from) ? "" : "this user may connect from the broker's machine only";
        return why.Length == 0 ? user : null;
    }

    /// <summary>The users are these from now on.</summary>
    internal void Replace(ImmutableDictionary<string, User> users) => _users = users;
}
