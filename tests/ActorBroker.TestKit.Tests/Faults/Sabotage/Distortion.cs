using System.Reflection;
using ActorBroker.Addresses;
using ActorBroker.QueueGroups;
using ActorBroker.TestKit.Scenarios;
using Akka.Actor;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>Stands where an actor of the broker is looked for, and changes or swallows what it is told: a deliberate bug.</summary>
/// <param name="actor">The actor itself.</param>
/// <param name="distort">What it hears instead; null for nothing.</param>
internal sealed class Distortion(IActorRef actor, Func<object, object?> distort) : MinimalActorRef
{
    public override ActorPath Path => actor.Path;

    public override IActorRefProvider Provider => ((IInternalActorRef)actor).Provider;

    /// <summary>What channels, clients and consumers say to a queue.</summary>
    public static void Of(TestBroker broker, string queue, Func<object, object?> distort)
    {
        var handle = Find(broker, queue);
        handle.ServedBy(new Distortion(handle.Actor, distort), handle.Group);
    }

    /// <summary>What its log says to a queue.</summary>
    public static void OfLog(TestBroker broker, string queue, Func<object, object?> distort)
    {
        var handle = Find(broker, queue);
        var inGroup = ActorOf<QueueGroupActor>(handle.Group).Find(handle)!;
        inGroup.Actor = new Distortion(inGroup.Actor, distort);
    }

    private static T ActorOf<T>(IActorRef actor)
        where T : ActorBase =>
        (T)typeof(ActorCell).GetProperty("Actor", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(((ActorRefWithCell)actor).Underlying)!;

    public static QueueHandle Find(TestBroker broker, string queue) => broker.Running.FindVirtualHost("/")!.FindQueue(queue)!;

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (distort(message) is { } instead)
        {
            actor.Tell(instead, sender);
        }
    }
}
