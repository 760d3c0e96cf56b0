using ActorBroker.Amqp;
using ActorBroker.Core.Topology;
using ActorBroker.Queues;
using ActorBroker.VirtualHosts;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Topology;

/// <summary>
/// The one writer of the topology: a thin shell over <see cref="TopologyState"/>. Decide, apply, then let the virtual host make it so;
/// the asker hears when it is visible.
/// </summary>
public sealed class TopologyActor : UntypedActor
{
    private readonly Broker _broker;
    private readonly Reply<bool> _started;
    private readonly TopologyState _state;
    private readonly Dictionary<string, IActorRef> _hosts = new(StringComparer.Ordinal);
    private long _uid;

    /// <summary>The topology of <paramref name="broker"/>; <paramref name="started"/> is answered when its virtual hosts can be used.</summary>
    public TopologyActor(Broker broker, Reply<bool> started)
    {
        _broker = broker;
        _started = started;
        _state = new TopologyState(broker.Settings.StrictDurabilityBinding);
    }

    /// <summary>How to start it.</summary>
    public static Props Props(Broker broker, Reply<bool> started) => Akka.Actor.Props.Create(() => new TopologyActor(broker, started));

    /// <summary>Virtual hosts keep their queues whatever happens to one message.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var visible = new Completion(_broker.Settings.VirtualHosts.Count, () => _started.Succeed(true));
        foreach (var name in _broker.Settings.VirtualHosts)
        {
            var host = new VirtualHost(name);
            _broker.Add(host);
            _hosts[name] = Context.ActorOf(VirtualHostActor.Props(host, Self));
            Commit(name, _state.DecideVirtualHostAdd(name), visible.Done);
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (AmqpException refusal) when (message is IAwaited request)
        {
            request.Refuse(refusal);
        }
        catch (Exception fault)
        {
            // Not thrown on: a topology that starts anew would take every queue with it.
            Context.GetLogger().Error(fault, "topology: {0} failed and was refused", message.GetType().Name);
            (message as IAwaited)?.Refuse(new ConnectionException(ReplyCode.InternalError, fault.Message));
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case TopologyProtocol.DeclareExchange { Passive: true } m:
                _state.CheckExchange(m.VirtualHost, m.Name);
                m.Reply.Succeed(true);
                break;
            case TopologyProtocol.DeclareExchange m:
                Commit(m, _state.DecideExchangeDeclare(
                    new ExchangeDeclaration(m.VirtualHost, m.Name, m.Type, m.Durable, m.AutoDelete, m.Internal, m.Arguments)));
                break;
            case TopologyProtocol.DeleteExchange m:
                Commit(m, _state.DecideExchangeDelete(m.VirtualHost, m.Name, m.IfUnused));
                break;
            case TopologyProtocol.DeclareQueue m:
                Declare(m);
                break;
            case TopologyProtocol.DeleteQueue m:
                Delete(m);
                break;
            case TopologyProtocol.Bind m:
                Commit(m, _state.DecideBind(Request(m.VirtualHost, m.Source, m.ToQueue, m.Destination, m.RoutingKey, m.Arguments), m.Connection));
                break;
            case TopologyProtocol.Unbind m:
                Commit(m, _state.DecideUnbind(Request(m.VirtualHost, m.Source, m.ToQueue, m.Destination, m.RoutingKey, m.Arguments), m.Connection));
                break;
            case TopologyProtocol.ConnectionGone m:
                DeleteExclusiveQueues(m);
                break;
            case TopologyProtocol.QueueEnded m:
                Commit(m.Queue.VirtualHost, _state.DecideQueueExpired(m.Queue.VirtualHost, m.Queue.Name, m.Queue.Definition.Uid), () => m.Reply?.Succeed(m.Messages));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static BindingRequest Request(
        string host, string source, bool toQueue, string destination, string key, Amqp.Types.FieldTable arguments) =>
        new(host, source, toQueue ? DestinationKind.Queue : DestinationKind.Exchange, destination, key, arguments);

    private void Declare(TopologyProtocol.DeclareQueue m)
    {
        var name = EntityName.Clean(m.Name);
        if (m.Passive)
        {
            _state.CheckQueue(m.VirtualHost, name, m.Connection);
        }
        else
        {
            var serverNamed = name.Length == 0;
            name = serverNamed ? $"amq.gen-{_broker.RandomName()}" : name;
            var declaration = new QueueDeclaration(m.VirtualHost, name, m.Durable, m.Exclusive, m.AutoDelete, m.Arguments, serverNamed);
            Commit(m.VirtualHost, _state.DecideQueueDeclare(declaration, _uid + 1, m.Connection), null);
            _uid++;
        }

        _hosts[m.VirtualHost].Tell(new VirtualHostProtocol.Forward(name, new QueueProtocol.Inspect(m)));
    }

    /// <summary>Only the queue knows whether it is empty and unused: it ends itself and reports <see cref="TopologyProtocol.QueueEnded"/>.</summary>
    private void Delete(TopologyProtocol.DeleteQueue m)
    {
        if (_state.FindQueue(m.VirtualHost, EntityName.Clean(m.Name)) is not { } queue)
        {
            m.Reply.Succeed(0); // deleting what is not there is fine
            return;
        }

        TopologyState.CheckExclusive(queue, m.Connection);
        _hosts[m.VirtualHost].Tell(new VirtualHostProtocol.Forward(queue.Name, new QueueProtocol.Delete(m.IfUnused, m.IfEmpty, m.Reply)));
    }

    private void DeleteExclusiveQueues(TopologyProtocol.ConnectionGone m)
    {
        var deletions = new List<Task>();
        foreach (var queue in _state.DecideConnectionLost(m.Connection).OfType<TopologyEvents.QueueDeleted>().Select(e => e.Queue))
        {
            var reply = new Reply<int>();
            deletions.Add(reply.Task);
            _hosts[queue.VirtualHost].Tell(
                new VirtualHostProtocol.Forward(queue.Name, new QueueProtocol.Delete(IfUnused: false, IfEmpty: false, reply)));
        }

        if (deletions.Count == 0)
        {
            m.Reply.Succeed(true);
        }
        else
        {
            Task.WhenAll(deletions).ContinueWith(_ => m.Reply.Succeed(true), TaskScheduler.Default);
        }
    }

    private void Commit(TopologyProtocol.Command<bool> command, IReadOnlyList<ITopologyEvent> events) =>
        Commit(command.VirtualHost, events, () => command.Reply.Succeed(true));

    /// <summary>The events are facts: the state takes them, then the virtual host shows them to the world.</summary>
    private void Commit(string host, IReadOnlyList<ITopologyEvent> events, Action? visible)
    {
        foreach (var @event in events)
        {
            _state.Apply(@event);
        }

        if (events.Count > 0 || visible is not null)
        {
            _hosts[host].Tell(new VirtualHostProtocol.Apply(events, visible));
        }
    }
}
