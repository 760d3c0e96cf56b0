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
public sealed class VirtualHostActor : UntypedActor
{
    private readonly VirtualHost _host;
    private readonly IActorRef _topology;
    private long _exchanges;

    /// <summary>The actor of <paramref name="host"/>.</summary>
    public VirtualHostActor(VirtualHost host, IActorRef topology)
    {
        _host = host;
        _topology = topology;
    }

    /// <summary>How to start it.</summary>
    public static Props Props(VirtualHost host, IActorRef topology) => Akka.Actor.Props.Create(() => new VirtualHostActor(host, topology));

    /// <summary>A fault in one message must not cost a queue its messages or an exchange its bindings: state is kept.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
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
            default:
                Unhandled(message);
                break;
        }
    }

    private void Apply(VirtualHostProtocol.Apply apply)
    {
        var wirings = apply.Events.Count(e => e is TopologyEvents.Bound or TopologyEvents.Unbound);
        var visible = new Completion(wirings + 1, apply.Visible ?? (() => { }));
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
                break;
            case TopologyEvents.Bound e:
                Bind(e.Binding, visible);
                break;
        }
    }

    private void Start(ExchangeDefinition definition)
    {
        var handle = new ExchangeHandle(
            definition.VirtualHost, definition.Name, definition.Type, definition.Internal, definition.AlternateExchange);
        handle.Actor = Context.ActorOf(ExchangeActor.Props(handle, _host), $"exchange-{++_exchanges}");
        _host.Add(handle);
    }

    private void Start(QueueDefinition definition)
    {
        var handle = new QueueHandle(definition);
        handle.ServedBy(Context.ActorOf(QueueActor.Props(handle, _topology, new DeadLetterPublisher(_host)), $"queue-{definition.Uid}"));
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
}
