using ActorBroker.Consumers;
using ActorBroker.Diagnostics;
using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Client;

/// <summary>
/// The actor behind one <see cref="IBroker"/>: parent of its consumers, watcher of the actors that own them, and the point at which what
/// several threads publish or settle meanwhile becomes one message to each queue.
/// </summary>
internal sealed class ClientActor(BrokerClient client, ClientPublisher publisher) : UntypedActor
{
    private readonly Dictionary<IActorRef, List<ClientHolder>> _owned = [];
    private readonly Dictionary<IActorRef, ClientHolder> _consumers = [];

    public static Props Props(BrokerClient client, ClientPublisher publisher) =>
        Akka.Actor.Props.Create(() => new ClientActor(client, publisher)).WithDispatcher(Dispatchers.Hot);

    /// <summary>A consumer that fails would lose its place in the stream: what it held goes back.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(fault =>
    {
        Context.GetLogger().OneLine().Error(fault, "a consumer failed and is closed; its messages go back");
        _consumers.GetValueOrDefault(Sender)?.Close();
        return Directive.Stop;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClientProtocol.Flush:
                publisher.Flush();
                break;
            case ClientHolder holder:
                holder.TellQueue();
                break;
            case ClientProtocol.Start start:
                Start(start);
                break;
            case ClientProtocol.HandedOver handed:
                publisher.Flush();
                handed.Done.Succeed(true);
                break;
            case ClientProtocol.Closed closed:
                Context.Stop(closed.Link.Actor);
                break;
            case Terminated { ActorRef: var gone } when _consumers.Remove(gone, out var ended):
                Forget(ended);
                break;
            case Terminated { ActorRef: var owner } when _owned.Remove(owner, out var orphans):
                ClientHolder.Close(orphans);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => client.Ended();

    private void Start(ClientProtocol.Start start)
    {
        var consumer = Context.ActorOf(ConsumerActor.Props(start.Consumer.Link, start.Subscribed));
        _consumers.Add(consumer, start.Consumer);
        Context.Watch(consumer);
        if (start.Owner is not null)
        {
            if (!_owned.TryGetValue(start.Owner, out var owned))
            {
                _owned.Add(start.Owner, owned = []);
                Context.Watch(start.Owner);
            }

            owned.Add(start.Consumer);
        }
    }

    /// <summary>A cancelled consumer may still hold messages: its owner's end gives them back, too.</summary>
    private void Forget(ClientHolder ended)
    {
        if (ended.IsClosed)
        {
            foreach (var owned in _owned.Values)
            {
                owned.Remove(ended);
            }
        }
    }
}
