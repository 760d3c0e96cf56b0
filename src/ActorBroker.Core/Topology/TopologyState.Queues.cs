using ActorBroker.Amqp;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <content>Queues.</content>
internal sealed partial class TopologyState
{
    /// <summary>The queue of that name, null when there is none.</summary>
    public QueueDefinition? FindQueue(string virtualHost, string name) =>
        _virtualHosts.TryGetValue(virtualHost, out var topology) && topology.Queues.TryGetValue(name, out var found)
            ? found.Definition
            : null;

    /// <summary>All queues of a virtual host.</summary>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IEnumerable<QueueDefinition> Queues(string virtualHost) =>
        Host(virtualHost).Queues.Values.Select(q => q.Definition);

    /// <summary>Refuses the queue of another connection.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="connectionId">The connection that wants to use it.</param>
    /// <exception cref="ChannelException">405: it is exclusive to another connection.</exception>
    public static void CheckExclusive(QueueDefinition queue, long connectionId)
    {
        if (queue.ExclusiveOwner is { } owner && owner != connectionId)
        {
            throw TopologyErrors.QueueLocked(queue.VirtualHost, queue.Name);
        }
    }

    /// <summary>A queue this connection may use; also the passive form of queue.declare (50, 10).</summary>
    /// <exception cref="ChannelException">404: there is none; 405: it is exclusive to another connection.</exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public QueueDefinition CheckQueue(string virtualHost, string name, long connectionId)
    {
        name = EntityName.Clean(name);
        if (!Host(virtualHost).Queues.TryGetValue(name, out var found))
        {
            throw TopologyErrors.NoQueue(virtualHost, name);
        }

        CheckExclusive(found.Definition, connectionId);
        return found.Definition;
    }

    /// <summary>queue.declare (50, 10); nothing when an equal one is there.</summary>
    /// <param name="declaration">What is asked for.</param>
    /// <param name="uid">What a new queue is to be known by; never used before.</param>
    /// <param name="connectionId">The connection that asks; owner of an exclusive queue.</param>
    /// <param name="access">What who asks may do; null for everything.</param>
    /// <exception cref="ChannelException">
    /// 403: a reserved name, or a right is missing; 405: exclusive to another connection, or not exclusive and asked for as such; 406: not
    /// what is there already, or a bad argument.
    /// </exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideQueueDeclare(
        QueueDeclaration declaration, long uid, long connectionId, AccessControl? access = null)
    {
        var host = declaration.VirtualHost;
        var name = EntityName.Clean(declaration.Name);
        var topology = Host(host);
        if (!declaration.ServerNamed)
        {
            RefuseReserved("queue", name);
        }

        access?.CheckQueueDeclare(name);
        long? owner = declaration.Exclusive ? connectionId : null;
        var durable = declaration.Durable && !declaration.Exclusive;
        if (topology.Queues.TryGetValue(name, out var known))
        {
            RequireEquivalent(known.Definition, owner, durable, declaration);
            return [];
        }

        access?.CheckQueueArguments(name, declaration.Arguments); // only now are they to have an effect
        var arguments = ParseArguments(declaration, name);
        return
        [
            new TopologyEvents.QueueDeclared(new QueueDefinition(
                host, name, uid, durable, declaration.AutoDelete, owner, arguments)),
        ];
    }

    /// <summary>
    /// queue.delete (50, 40): the queue, its bindings, and auto-delete exchanges left without any. Nothing when there
    /// is no such queue. That it is unused or empty only the queue itself can tell: ask it first.
    /// </summary>
    /// <exception cref="ChannelException">405: it is exclusive to another connection.</exception>
    /// <exception cref="ConnectionException">530: no such virtual host.</exception>
    public IReadOnlyList<ITopologyEvent> DecideQueueDelete(string virtualHost, string name, long connectionId)
    {
        var topology = Host(virtualHost);
        if (!topology.Queues.TryGetValue(EntityName.Clean(name), out var queue))
        {
            return [];
        }

        CheckExclusive(queue.Definition, connectionId);
        return Delete(topology, queue);
    }

    /// <summary>The queue that queue.delete (50, 40) is about, null when there is none: that is fine.</summary>
    /// <exception cref="ChannelException">403: a right is missing; 405: it is exclusive to another connection.</exception>
    public QueueDefinition? CheckQueueDelete(string virtualHost, string name, long connectionId, AccessControl? access)
    {
        name = EntityName.Clean(name);
        access?.CheckQueueDelete(name);
        if (FindQueue(virtualHost, name) is not { } queue)
        {
            return null;
        }

        CheckExclusive(queue, connectionId);
        return queue;
    }

    /// <summary>
    /// A queue goes by itself: its last consumer has left (auto-delete) or nobody used it for too long (x-expires).
    /// Nothing when another of that name has taken its place.
    /// </summary>
    public IReadOnlyList<ITopologyEvent> DecideQueueExpired(string virtualHost, string name, long uid) =>
        _virtualHosts.TryGetValue(virtualHost, out var topology)
        && topology.Queues.TryGetValue(name, out var queue)
        && queue.Definition.Uid == uid
            ? Delete(topology, queue)
            : [];

    private static IReadOnlyList<ITopologyEvent> Delete(VirtualHostTopology topology, QueueNode queue)
    {
        var removal = new Removal(topology);
        removal.DeleteQueue(queue);
        return removal.Events;
    }

    private static void RequireEquivalent(
        QueueDefinition known, long? owner, bool durable, QueueDeclaration received)
    {
        if (known.ExclusiveOwner != owner)
        {
            throw TopologyErrors.QueueLocked(known.VirtualHost, known.Name);
        }

        var resource = TopologyErrors.Queue(known.VirtualHost, known.Name);
        Equivalence.RequireSame(known.Durable, durable, "durable", resource);
        Equivalence.RequireSame(known.AutoDelete, received.AutoDelete, "auto_delete", resource);
        known.Arguments.RequireEquivalent(received.Arguments, resource);
    }

    private static QueueArguments ParseArguments(QueueDeclaration declaration, string name)
    {
        NameArguments.CheckQueue(declaration.Arguments, declaration.VirtualHost, name); // not what stands in a log already
        var arguments = QueueArguments.Parse(declaration.Arguments, name, declaration.VirtualHost);
        if (arguments.Type != QueueType.Quorum)
        {
            return arguments;
        }

        if (declaration.ServerNamed)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, "Cannot declare a server-named queue for type rabbit_quorum_queue");
        }

        var property = declaration switch
        {
            { AutoDelete: true } => "auto-delete",
            { Exclusive: true } => "exclusive-owner",
            { Durable: false } => "non-durable",
            _ => null,
        };
        return property is null
            ? arguments
            : throw TopologyErrors.InvalidProperty(property, declaration.VirtualHost, name);
    }
}
