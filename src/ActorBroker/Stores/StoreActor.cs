using Akka.Actor;

namespace ActorBroker.Stores;

/// <summary>
/// Closes the store of its actor system. It lives among Akka's own actors, which stop when all others have, and before the system has
/// terminated: whoever waits for <see cref="ActorSystem.WhenTerminated"/> finds the store closed, in whatever order callbacks are run.
/// </summary>
internal sealed class StoreActor(BrokerStore store) : UntypedActor
{
    /// <summary>From now on the store closes with the actor system.</summary>
    /// <exception cref="InvalidOperationException">The system is already at its end.</exception>
    public static void CloseWith(ActorSystem system, BrokerStore store) => ((ExtendedActorSystem)system).SystemActorOf(
        Props.Create(() => new StoreActor(store)).WithDispatcher("akka.actor.internal-dispatcher"), "actor-broker-store");

    protected override void OnReceive(object message) => Unhandled(message);

    protected override void PostStop() => store.Dispose();
}
