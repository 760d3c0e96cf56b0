using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Topology;
using ActorBroker.Exchanges;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.VirtualHosts;

/// <summary>
/// One virtual host: turns topology events into exchange and queue actors, supervises them, and keeps the names that channels read.
/// </summary>
/// <remarks>
/// Durable queues are opened by their group, if there is a store, and a queue that goes off the tables first sends on what it still gets:
/// what comes meanwhile waits.
/// </remarks>
internal sealed class VirtualHostActor : UntypedActor
{
    private static readonly TimeSpan LastWords = TimeSpan.FromMinutes(2); // for the ends of its queues to be written

    private readonly VirtualHost _host;
    private readonly Func<QueueDefinition, IActorRef?> _groupOf;
    private readonly IActorRef _topology;
    private readonly Dictionary<long, QueueHandle> _opened = [];
    private readonly HashSet<QueueHandle> _draining = [];
    private readonly Queue<object> _waiting = new();
    private long _exchanges;
    private long _shown; // queues so far
    private int _opening;
    private VirtualHostProtocol.Apply? _held;

    /// <summary>The actor of <paramref name="host"/>; <paramref name="groupOf"/> says who keeps the log of a queue, if anybody.</summary>
    public VirtualHostActor(VirtualHost host, Func<QueueDefinition, IActorRef?> groupOf, IActorRef topology)
    {
        _host = host;
        _groupOf = groupOf;
        _topology = topology;
    }

    /// <summary>How to start it.</summary>
    public static Props Props(VirtualHost host, Func<QueueDefinition, IActorRef?> groupOf, IActorRef topology) =>
        Akka.Actor.Props.Create(() => new VirtualHostActor(host, groupOf, topology));

    /// <summary>A fault in one message must not cost a queue its messages or an exchange its bindings: state is kept.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(QueueActor.OnFault);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case GroupProtocol.Opened opened:
                Opened(opened);
                break;
            case QueueProtocol.Drained drained:
                Context.Unwatch(drained.Queue.Actor);
                _draining.Remove(drained.Queue);
                break;
            case GoOn:
                break;
            default:
                _waiting.Enqueue(message);
                break;
        }

        while (_opening == 0 && _draining.Count == 0 && _waiting.TryDequeue(out var next))
        {
            try
            {
                Handle(next);
            }
            catch (Exception) when (_waiting.Count > 0)
            {
                Self.Tell(GoOn.Instance); // a fault costs one message
                throw;
            }
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case VirtualHostProtocol.Apply apply:
                Apply(apply);
                break;
            case VirtualHostProtocol.Forward forward when _host.FindQueue(forward.Queue) is { } queue:
                queue.Actor.Tell(forward.Message);
                break;
            case VirtualHostProtocol.Forward forward:
                forward.Message.Refuse(new ChannelException(ReplyCode.NotFound, $"no queue '{forward.Queue}' in vhost '{_host.Name}'"));
                break;
            case ReceiveTimeout:
                Context.Stop(Self); // long after it was removed
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Apply(VirtualHostProtocol.Apply apply)
    {
        foreach (var declared in apply.Events.OfType<TopologyEvents.QueueDeclared>())
        {
            if (_groupOf(declared.Queue) is { } group)
            {
                _opening++;
                group.Tell(new GroupProtocol.Open(new QueueHandle(declared.Queue), _host, _topology));
            }
        }

        if (_opening == 0)
        {
            Show(apply);
        }
        else
        {
            _held = apply;
        }
    }

    private void Opened(GroupProtocol.Opened opened)
    {
        _opened[opened.Queue.Definition.Uid] = opened.Queue;
        if (--_opening == 0)
        {
            var apply = _held!;
            _held = null;
            Show(apply);
            _opened.Clear();
        }
    }

    private void Show(VirtualHostProtocol.Apply apply)
    {
        var removed = apply.Events.Any(e => e is TopologyEvents.VirtualHostRemoved);
        if (removed)
        {
            End();
        }

        List<QueueHandle> gone = [.. apply.Events.OfType<TopologyEvents.QueueDeleted>().Select(e => _host.FindQueue(e.Queue.Name)).OfType<QueueHandle>()];
        foreach (var queue in removed ? [] : gone) // nothing will come in place of what was in a removed virtual host
        {
            _draining.Add(queue);
            Context.WatchWith(queue.Actor, new QueueProtocol.Drained(queue));
        }

        var wirings = apply.Events.Count(e => e is TopologyEvents.Bound or TopologyEvents.Unbound);
        var (self, newest) = (Self, _shown);
        var visible = new Completion(wirings + 1, () =>
        {
            gone.ForEach(queue => queue.Actor.Tell(new QueueProtocol.Removed(newest, self), ActorRefs.NoSender));
            apply.Visible?.Invoke();
        });
        foreach (var unbound in apply.Events.OfType<TopologyEvents.Unbound>())
        {
            Unbind(unbound.Binding, visible); // while both ends still have their names
        }

        foreach (var @event in apply.Events)
        {
            Apply(@event, visible);
        }

        visible.Done();
    }

    private void Apply(ITopologyEvent @event, Completion visible)
    {
        switch (@event)
        {
            case TopologyEvents.ExchangeDeclared e:
                Start(e.Exchange);
                break;
            case TopologyEvents.ExchangeDeleted e when _host.FindExchange(e.Exchange.Name) is { } exchange:
                _host.Remove(exchange);
                exchange.Actor.Tell(PoisonPill.Instance); // behind the unbinds that were told before
                break;
            case TopologyEvents.QueueDeclared e:
                Start(e.Queue);
                break;
            case TopologyEvents.QueueDeleted e when _host.FindQueue(e.Queue.Name) is { } queue:
                _host.Remove(queue);
                queue.Group.Tell(new GroupProtocol.Remove(queue));
                break;
            case TopologyEvents.Bound e:
                Bind(e.Binding, visible);
                break;
        }
    }

    /// <summary>Its queues end by themselves, as they do when they are deleted: each tells its consumers and answers what comes late.</summary>
    private void End()
    {
        foreach (var queue in _host.Queues)
        {
            queue.Actor.Tell(new QueueProtocol.Delete(IfUnused: false, IfEmpty: false, Reply: null));
        }

        Context.SetReceiveTimeout(LastWords);
    }

    private void Start(ExchangeDefinition definition)
    {
        var handle = new ExchangeHandle(
            definition.VirtualHost, definition.Name, definition.Type, definition.Internal, definition.AlternateExchange);
        handle.Actor = Context.ActorOf(ExchangeActor.Props(handle), $"exchange-{++_exchanges}");
        _host.Add(handle);
    }

    private void Start(QueueDefinition definition)
    {
        if (_opened.TryGetValue(definition.Uid, out var opened))
        {
            opened.Shown = ++_shown;
            _host.Add(opened);
            return;
        }

        var handle = new QueueHandle(definition) { Shown = ++_shown };
        handle.ServedBy(Context.ActorOf(QueueActor.Props(handle, _topology, _host), $"queue-{definition.Uid}"));
        _host.Add(handle);
    }

    private void Bind(BindingDefinition binding, Completion visible)
    {
        if (_host.FindExchange(binding.Source) is { } source && DestinationOf(binding) is { } destination)
        {
            source.Actor.Tell(new ExchangeProtocol.Bind(binding.BindingKey, binding.Arguments, destination, visible));
        }
        else
        {
            visible.Done();
        }
    }

    private void Unbind(BindingDefinition binding, Completion visible)
    {
        if (_host.FindExchange(binding.Source) is { } source && DestinationOf(binding) is { } destination)
        {
            source.Actor.Tell(new ExchangeProtocol.Unbind(binding.BindingKey, binding.Arguments, destination, visible));
        }
        else
        {
            visible.Done();
        }
    }

    private Destination? DestinationOf(BindingDefinition binding) =>
        binding.Kind == DestinationKind.Queue ? _host.FindQueue(binding.Destination) : _host.FindExchange(binding.Destination);

    private sealed record GoOn
    {
        public static readonly GoOn Instance = new();
    }
}
