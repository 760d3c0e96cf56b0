using ActorBroker.Addresses;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Security;
using Akka.Actor;

namespace ActorBroker.Topology;

/// <summary>
/// Everything one may say to the <see cref="TopologyActor"/>, the one writer of virtual hosts, exchanges, queues, bindings and users.
/// Each answer comes when the change is committed and visible to every channel of this node, and never before the answers to what
/// was asked earlier about the same names.
/// </summary>
internal static partial class TopologyProtocol
{
    /// <summary>Something that somebody waits for.</summary>
    public abstract record Request<T> : INoSerializationVerificationNeeded, IAwaited
    {
        /// <summary>Gets the answer, or the exception that refuses.</summary>
        public Reply<T> Reply { get; } = new();

        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>What a client asks for; refused by an <see cref="Amqp.AmqpException"/>.</summary>
    /// <param name="VirtualHost">Where.</param>
    /// <param name="Connection">Who asks, for exclusive queues.</param>
    public abstract record Command<T>(string VirtualHost, long Connection) : Request<T>
    {
        /// <summary>
        /// What who asks may do; null for code inside the process, which may do everything. Asked where the state is that it depends on:
        /// whether something is new or there already only the topology knows.
        /// </summary>
        public AccessControl? Access { get; set; }
    }

    /// <summary>exchange.declare (40, 10).</summary>
    public sealed record DeclareExchange(
        string VirtualHost, long Connection, string Name, string Type, bool Passive, bool Durable, bool AutoDelete, bool Internal, FieldTable Arguments)
        : Command<bool>(VirtualHost, Connection);

    /// <summary>exchange.delete (40, 20).</summary>
    public sealed record DeleteExchange(string VirtualHost, long Connection, string Name, bool IfUnused) : Command<bool>(VirtualHost, Connection);

    /// <summary>queue.declare (50, 10); an empty name asks for one.</summary>
    public sealed record DeclareQueue(
        string VirtualHost, long Connection, string Name, bool Passive, bool Durable, bool Exclusive, bool AutoDelete, FieldTable Arguments)
        : Command<QueueProtocol.QueueCounts>(VirtualHost, Connection);

    /// <summary>queue.delete (50, 40); answers the number of messages that went with it.</summary>
    public sealed record DeleteQueue(string VirtualHost, long Connection, string Name, bool IfUnused, bool IfEmpty)
        : Command<int>(VirtualHost, Connection);

    /// <summary>queue.bind (50, 20) or exchange.bind (40, 30).</summary>
    public sealed record Bind(
        string VirtualHost, long Connection, string Source, string Destination, bool ToQueue, string RoutingKey, FieldTable Arguments)
        : Command<bool>(VirtualHost, Connection);

    /// <summary>queue.unbind (50, 50) or exchange.unbind (40, 40).</summary>
    public sealed record Unbind(
        string VirtualHost, long Connection, string Source, string Destination, bool ToQueue, string RoutingKey, FieldTable Arguments)
        : Command<bool>(VirtualHost, Connection);

    /// <summary>A connection is gone: its exclusive queues go, too.</summary>
    public sealed record ConnectionGone(string VirtualHost, long Connection) : Command<bool>(VirtualHost, Connection);
}
