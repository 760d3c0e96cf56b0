using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <summary>Something that happened to virtual hosts, exchanges, queues, bindings or users.</summary>
internal interface ITopologyEvent
{
    /// <summary>True when a restart must know it.</summary>
    bool Journaled { get; }
}

/// <summary>All that can happen to the topology, and whether a restart must know it.</summary>
internal static class TopologyEvents
{
    /// <summary>The store is new. How many logs hold its queues is fixed from now on: a queue must be found where it was written.</summary>
    /// <param name="QueueGroups">1 or more.</param>
    public sealed record StoreCreated(int QueueGroups) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>Part of a snapshot: uids up to this one have been given away, also to queues that are gone.</summary>
    public sealed record UidsUsed(long Highest) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A virtual host exists now, with its predeclared exchanges; these follow as implied events, for those who listen.</summary>
    public sealed record VirtualHostAdded(string VirtualHost) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A virtual host is gone with all that is left in it.</summary>
    public sealed record VirtualHostRemoved(string VirtualHost) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A new exchange exists.</summary>
    /// <param name="Exchange">The exchange.</param>
    /// <param name="Implied">It is predeclared and came with its virtual host: that event is enough for a restart.</param>
    public sealed record ExchangeDeclared(ExchangeDefinition Exchange, bool Implied = false) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Exchange.Durable && !Implied;
    }

    /// <summary>An exchange is gone with all bindings from and to it.</summary>
    /// <param name="Exchange">The exchange.</param>
    /// <param name="Implied">Its virtual host goes by the same decision: that event is enough for a restart.</param>
    public sealed record ExchangeDeleted(ExchangeDefinition Exchange, bool Implied = false) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Exchange.Durable && !Implied;
    }

    /// <summary>A new queue exists.</summary>
    public sealed record QueueDeclared(QueueDefinition Queue) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Queue.Durable;
    }

    /// <summary>A queue is gone with all bindings to it.</summary>
    /// <param name="Queue">The queue.</param>
    /// <param name="Implied">Its virtual host goes by the same decision: that event is enough for a restart.</param>
    public sealed record QueueDeleted(QueueDefinition Queue, bool Implied = false) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Queue.Durable && !Implied;
    }

    /// <summary>A new binding exists.</summary>
    public sealed record Bound(BindingDefinition Binding) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Binding.Durable;
    }

    /// <summary>A binding is gone.</summary>
    /// <param name="Binding">The binding.</param>
    /// <param name="Implied">
    /// One of its ends is deleted by the same decision: that event is enough for a restart.
    /// </param>
    public sealed record Unbound(BindingDefinition Binding, bool Implied = false) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Binding.Durable && !Implied;
    }

    /// <summary>A user exists, or is another one than before: password, tags and permissions are all new.</summary>
    public sealed record UserPut(User User) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A user is gone.</summary>
    public sealed record UserRemoved(string Name) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>What a user may do in one virtual host.</summary>
    public sealed record PermissionsSet(string User, string VirtualHost, Permissions Permissions) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>Which topics of an exchange a user may use.</summary>
    public sealed record TopicPermissionsSet(string User, string VirtualHost, string Exchange, TopicPermissions Topics) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A user may use all topics of an exchange again, or of all exchanges of a virtual host.</summary>
    /// <param name="User">Name of the user.</param>
    /// <param name="VirtualHost">The virtual host.</param>
    /// <param name="Exchange">Name of the exchange, null for all.</param>
    public sealed record TopicPermissionsCleared(string User, string VirtualHost, string? Exchange) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }

    /// <summary>A user may no longer enter a virtual host.</summary>
    public sealed record PermissionsCleared(string User, string VirtualHost) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => true;
    }
}
