namespace ActorBroker.Core.Topology;

/// <summary>Something that happened to virtual hosts, exchanges, queues or bindings.</summary>
public interface ITopologyEvent
{
    /// <summary>True when a restart must know it.</summary>
    bool Journaled { get; }
}

/// <summary>All that can happen to the topology, and whether a restart must know it.</summary>
public static class TopologyEvents
{
    /// <summary>A virtual host exists now. Its predeclared exchanges follow as events of their own.</summary>
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
    public sealed record ExchangeDeclared(ExchangeDefinition Exchange) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Exchange.Durable;
    }

    /// <summary>An exchange is gone with all bindings from and to it.</summary>
    public sealed record ExchangeDeleted(ExchangeDefinition Exchange) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Exchange.Durable;
    }

    /// <summary>A new queue exists.</summary>
    public sealed record QueueDeclared(QueueDefinition Queue) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Queue.Durable;
    }

    /// <summary>A queue is gone with all bindings to it.</summary>
    public sealed record QueueDeleted(QueueDefinition Queue) : ITopologyEvent
    {
        /// <inheritdoc/>
        public bool Journaled => Queue.Durable;
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
}
