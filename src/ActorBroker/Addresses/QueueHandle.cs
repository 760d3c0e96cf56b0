using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Topology;
using Akka.Actor;

namespace ActorBroker.Addresses;

/// <summary>A queue as channels and routing tables see it: its identity and its actor. Published once, never changed.</summary>
internal sealed class QueueHandle : QueueAddress
{
    private readonly QueueDefinition? _definition;
    private volatile IDetour? _gone;

    /// <summary>The handle of a declared queue.</summary>
    public QueueHandle(QueueDefinition definition)
        : base(definition.VirtualHost, definition.Name) => _definition = definition;

    private QueueHandle(string virtualHost, string name)
        : base(virtualHost, name)
    {
    }

    /// <summary>What was declared.</summary>
    public QueueDefinition Definition => _definition ?? throw new InvalidOperationException($"'{Name}' is a reply address, not a queue");

    /// <summary>True for an address of direct reply-to: its actor is a consumer's.</summary>
    public bool IsReplyAddress => _definition is null;

    /// <summary>The queue's actor.</summary>
    public IActorRef Actor { get; private set; } = ActorRefs.Nobody;

    /// <summary>The group whose log the queue writes to; nobody for a queue that is not durable, or without a store.</summary>
    public IActorRef Group { get; private set; } = ActorRefs.Nobody;

    /// <summary>Its place in the order in which its virtual host's queues could be seen, from 1.</summary>
    internal long Shown { get; set; }

    /// <summary>
    /// Off the tables, and its actor has sent on all that came before: where a batch goes that was routed before that. Null until then.
    /// </summary>
    internal IDetour? Gone
    {
        get => _gone;
        set => _gone = value;
    }

    /// <summary>How reply texts name it: <c>queue 'orders' in vhost '/'</c>.</summary>
    public string Description => $"queue '{Name}' in vhost '{VirtualHost}'";

    /// <summary>An address of direct reply-to.</summary>
    public static QueueHandle ForReplies(string virtualHost, string name) => new(virtualHost, name);

    /// <summary>The actor was started. Before the handle is published.</summary>
    public void ServedBy(IActorRef actor) => Actor = actor;

    /// <summary>The actor of a queue whose log a group keeps was started.</summary>
    internal void ServedBy(IActorRef actor, IActorRef group)
    {
        Actor = actor;
        Group = group;
    }

    /// <summary>May this connection use the queue?</summary>
    /// <exception cref="ChannelException">405 RESOURCE_LOCKED: it is exclusive to another connection.</exception>
    public void CheckAccess(long connection)
    {
        if (_definition is not null)
        {
            TopologyState.CheckExclusive(_definition, connection);
        }
    }
}
