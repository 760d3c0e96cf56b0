using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;

namespace ActorBroker.Topology;

/// <content>What operators ask for; refused by a <see cref="RefusedException"/>, or by an <see cref="Amqp.AmqpException"/> for a fault.</content>
internal static partial class TopologyProtocol
{
    /// <summary>Adds a virtual host; answers false when it was there.</summary>
    public sealed record AddVirtualHost(string Name) : Request<bool>;

    /// <summary>
    /// Removes a virtual host with all that is in it and all permissions in it. Connections that are in it are closed with 320.
    /// </summary>
    public sealed record RemoveVirtualHost(string Name) : Request<bool>;

    /// <summary>Names of all virtual hosts, in order.</summary>
    public sealed record ListVirtualHosts : Request<IReadOnlyList<string>>;

    /// <summary>Creates or changes a user; answers false when it was like that already. Connections stay.</summary>
    /// <param name="Name">Name to log in with.</param>
    /// <param name="Hash">The password; null leaves it as it is, a new user then cannot log in.</param>
    /// <param name="Tags">The tags; null leaves them as they are.</param>
    /// <param name="Mode">Whether it must be there.</param>
    public sealed record PutUser(string Name, PasswordHash? Hash, IReadOnlyCollection<string>? Tags, UserPutMode Mode) : Request<bool>;

    /// <summary>Removes a user; its connections are closed with 320.</summary>
    public sealed record RemoveUser(string Name) : Request<bool>;

    /// <summary>All users with their tags and permissions, by name.</summary>
    public sealed record ListUsers : Request<IReadOnlyList<User>>;

    /// <summary>
    /// Lets a user into a virtual host by three regular expressions; answers false when they were so already. Connections of the user
    /// go by them from their next operation on.
    /// </summary>
    public sealed record SetPermissions(string User, string VirtualHost, string Configure, string Write, string Read) : Request<bool>;

    /// <summary>
    /// Limits a user to some topics of an exchange, by two regular expressions over routing keys; answers false when they were so already.
    /// Connections of the user go by them from their next operation on.
    /// </summary>
    public sealed record SetTopicPermissions(string User, string VirtualHost, string Exchange, string Write, string Read) : Request<bool>;

    /// <summary>Lifts these limits for one exchange, or with null for all of the virtual host; answers false when there were none.</summary>
    public sealed record ClearTopicPermissions(string User, string VirtualHost, string? Exchange) : Request<bool>;

    /// <summary>Shuts a user out of a virtual host; answers false when it was not in. Its connections may do nothing more there.</summary>
    public sealed record ClearPermissions(string User, string VirtualHost) : Request<bool>;
}
