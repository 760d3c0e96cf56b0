using ActorBroker.Addresses;
using ActorBroker.Scheduling;
using Akka.Actor;

namespace ActorBroker.Exchanges;

/// <summary>
/// One exchange as an actor: it owns the bindings and is the only writer of the routing table, by which publishers route on their own threads.
/// </summary>
internal sealed class ExchangeActor(ExchangeHandle handle) : UntypedActor
{
    /// <summary>How to start it.</summary>
    public static Props Props(ExchangeHandle handle) => Akka.Actor.Props.Create(() => new ExchangeActor(handle)).WithDispatcher(Dispatchers.Hot);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ExchangeProtocol.Bind bind:
                handle.Bind(bind.BindingKey, bind.Arguments, bind.Destination);
                bind.Visible.Done();
                break;
            case ExchangeProtocol.Unbind unbind:
                handle.Unbind(unbind.BindingKey, unbind.Arguments, unbind.Destination);
                unbind.Visible.Done();
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
