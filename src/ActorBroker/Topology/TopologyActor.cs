using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;
using ActorBroker.Diagnostics;
using ActorBroker.Journal;
using ActorBroker.VirtualHosts;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Topology;

/// <summary>
/// The one writer of the topology: a thin shell over <see cref="TopologyState"/>. Decide and apply; write what a restart must know;
/// then let the virtual host make it so; the asker hears when it is visible.
/// </summary>
internal sealed partial class TopologyActor : UntypedActor
{
    private readonly ITopologyHost _broker;
    private readonly Reply<bool> _started;
    private readonly Func<IActorRef, Props>? _logProps;
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private readonly Dictionary<string, (VirtualHost Host, IActorRef Actor)> _hosts = new(StringComparer.Ordinal);
    private readonly List<object> _early = [];
    private TopologyState _state;
    private TopologyCommits? _commits; // null until all that was written is read

    /// <summary>The topology of <paramref name="broker"/>; <paramref name="started"/> is answered when its virtual hosts can be used.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="started">Fails when the store cannot be read.</param>
    /// <param name="log">Makes the log, given its owner; null for the broker's store, if it has one.</param>
    public TopologyActor(ITopologyHost broker, Reply<bool> started, Func<IActorRef, Props>? log)
    {
        _broker = broker;
        _started = started;
        _logProps = log ?? (broker.HasStore ? owner => DurableLogActor.Props(TopologyCommits.LogName, owner, broker.Alarms) : null);
        _state = NewState();
    }

    /// <summary>How to start it; parameters as those of the constructor.</summary>
    public static Props Props(ITopologyHost broker, Reply<bool> started, Func<IActorRef, Props>? log = null) =>
        Akka.Actor.Props.Create(() => new TopologyActor(broker, started, log));

    /// <summary>Virtual hosts keep their queues whatever happens to one message.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (HandleLog(message))
        {
            return;
        }

        if (_commits is null)
        {
            _early.Add(message);
            return;
        }

        Decide(message, _commits);
        _commits.Flush();
    }

    private void Decide(object message, TopologyCommits commits)
    {
        try
        {
            if (!HandleClient(message) && !HandleOperator(message))
            {
                Unhandled(message);
            }
        }
        catch (Exception refusal) when (refusal is AmqpException or RefusedException && message is IAwaited)
        {
            Refuse(refusal);
        }
        catch (Exception fault)
        {
            // Not thrown on: a topology that starts anew would take every queue with it.
            _log.Error(fault, "topology: {0} failed and was refused", message.GetType().Name);
            Refuse(new ConnectionException(ReplyCode.InternalError, fault.Message));
        }

        // Behind what is not committed yet, if it may be the reason.
        void Refuse(Exception reason)
        {
            Action refuse = () => (message as IAwaited)?.Refuse(reason);
            if (TopologyNames.Of(message) is { } names && commits.IsShown(names.Host, names.Needs))
            {
                refuse();
            }
            else
            {
                commits.Then("", [], refuse, _ => refuse());
            }
        }
    }

    private bool HandleClient(object message)
    {
        switch (message)
        {
            case TopologyProtocol.DeclareExchange { Passive: true } m:
                _state.CheckExchange(m.VirtualHost, m.Name);
                Commit(m, []);
                break;
            case TopologyProtocol.DeclareExchange m:
                Commit(m, _state.DecideExchangeDeclare(
                    new ExchangeDeclaration(m.VirtualHost, m.Name, m.Type, m.Durable, m.AutoDelete, m.Internal, m.Arguments), m.Access));
                break;
            case TopologyProtocol.DeleteExchange m:
                Commit(m, _state.DecideExchangeDelete(m.VirtualHost, m.Name, m.IfUnused, m.Access));
                break;
            case TopologyProtocol.DeclareQueue m:
                Declare(m);
                break;
            case TopologyProtocol.DeleteQueue m:
                Delete(m);
                break;
            case TopologyProtocol.Bind m:
                Commit(m, _state.DecideBind(
                    Request(m.VirtualHost, m.Source, m.ToQueue, m.Destination, m.RoutingKey, m.Arguments), m.Connection, m.Access));
                break;
            case TopologyProtocol.Unbind m:
                Commit(m, _state.DecideUnbind(
                    Request(m.VirtualHost, m.Source, m.ToQueue, m.Destination, m.RoutingKey, m.Arguments), m.Connection, m.Access));
                break;
            case TopologyProtocol.ConnectionGone m:
                DeleteExclusiveQueues(m);
                break;
            case QueueProtocol.Ended m:
                var ended = m.Queue.Definition;
                Commit(m, ended.VirtualHost, _state.DecideQueueExpired(ended.VirtualHost, ended.Name, ended.Uid), m.Succeed, m.Refuse);
                break;
            default:
                return false;
        }

        return true;
    }

    private static BindingRequest Request(string host, string source, bool toQueue, string destination, string key, FieldTable arguments) =>
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
            Commit(m, m.VirtualHost, _state.DecideQueueDeclare(declaration, _state.HighestUid + 1, m.Connection, m.Access), null, null);
        }

        Forward(m.VirtualHost, name, new QueueProtocol.Inspect(m, m.Reply));
    }

    /// <summary>Only the queue knows whether it is empty and unused: it ends itself and reports <see cref="QueueProtocol.Ended"/>.</summary>
    private void Delete(TopologyProtocol.DeleteQueue m)
    {
        if (_state.CheckQueueDelete(m.VirtualHost, m.Name, m.Connection, m.Access) is not { } queue)
        {
            Commit(m, m.VirtualHost, [], () => m.Reply.Succeed(0), m.Refuse); // deleting what is not there is fine
            return;
        }

        Forward(m.VirtualHost, queue.Name, new QueueProtocol.Delete(m.IfUnused, m.IfEmpty, m.Reply));
    }

    private void DeleteExclusiveQueues(TopologyProtocol.ConnectionGone m)
    {
        var deletions = new List<Task>();
        foreach (var queue in _state.DecideConnectionLost(m.Connection).OfType<TopologyEvents.QueueDeleted>().Select(e => e.Queue))
        {
            var reply = new Reply<int>();
            deletions.Add(reply.Task);
            Forward(queue.VirtualHost, queue.Name, new QueueProtocol.Delete(IfUnused: false, IfEmpty: false, reply));
        }

        if (deletions.Count == 0)
        {
            m.Reply.Succeed(true); // nobody looks at what is not committed yet: nothing of this connection is in it
        }
        else
        {
            Task.WhenAll(deletions).ContinueWith(_ => m.Reply.Succeed(true), TaskScheduler.Default);
        }
    }

    private void Answer<T>(TopologyProtocol.Request<T> request, T value) =>
        _commits!.Then("", [], () => request.Reply.Succeed(value), request.Refuse);

    private void Commit(TopologyProtocol.Command<bool> command, IReadOnlyList<ITopologyEvent> events) =>
        Commit(command, command.VirtualHost, events, () => command.Reply.Succeed(true), command.Refuse);

    /// <summary>The events are facts: the state takes them; once they are committed the virtual host shows them to the world.</summary>
    private void Commit(object cause, string host, IReadOnlyList<ITopologyEvent> events, Action? visible, Action<Exception>? refuse)
    {
        var names = (TopologyNames.Of(cause) ?? new TopologyNames(host, [], [])).With(events);
        var waits = events.Any(e => e.Journaled) || !_commits!.IsShown(host, names.Needs);
        _commits!.Apply(events);
        if (!waits)
        {
            Show(host, events, visible);
        }
        else if (events.Count > 0 || visible is not null)
        {
            _commits.Then(host, names.Changes, () => Show(host, events, visible), refuse);
        }
    }

    private void Forward(string host, string queue, IAwaited message)
    {
        if (_commits!.IsShown(host, [queue]))
        {
            Send();
        }
        else
        {
            _commits.Then(host, [queue], Send, message.Refuse);
        }

        void Send()
        {
            if (_hosts.TryGetValue(host, out var there))
            {
                there.Actor.Tell(new VirtualHostProtocol.Forward(queue, message));
            }
            else
            {
                message.Refuse(TopologyErrors.NoVirtualHost(host));
            }
        }
    }

    private void Show(string host, IReadOnlyList<ITopologyEvent> events, Action? visible)
    {
        if (_hosts.TryGetValue(host, out var there))
        {
            there.Actor.Tell(new VirtualHostProtocol.Apply(events, visible));
        }
        else
        {
            visible?.Invoke(); // removed with all that was in it
        }
    }
}
