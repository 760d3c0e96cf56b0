using System.Collections.Frozen;
using System.Net;

namespace ActorBroker.Core.Security;

/// <summary>
/// Users that may only connect from the machine the broker runs on, because everyone knows their password.
/// </summary>
/// <param name="names">Their names.</param>
internal sealed class LoopbackUsers(IEnumerable<string> names)
{
    private readonly FrozenSet<string> _names = names.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>guest, as RabbitMQ has it.</summary>
    public static LoopbackUsers Default { get; } = new(["guest"]);

    /// <summary>No user is restricted.</summary>
    public static LoopbackUsers None { get; } = new([]);

    /// <summary>
    /// False when that user may not connect from there; the client is told 403 as for a wrong password.
    /// </summary>
    /// <param name="user">Name of the user.</param>
    /// <param name="peer">The address at the other end; null for a connection within the process.</param>
    public bool Allows(string user, IPAddress? peer) =>
        !_names.Contains(user)
        || peer is null
        || IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);
}
