using Akka.Actor;

namespace ActorBroker.Scheduling;

/// <summary>
/// Says when a moment is over, to a millisecond or so. For waits that are too short for Akka's scheduler, whose wheel turns in steps of
/// 10 ms, and for the runtime's timers, which go by a clock that moves every 4 ms on most Linux kernels.
/// </summary>
internal interface IMoments
{
    /// <summary>Tells somebody something when a moment is over in which others may come along: where time is virtual, when nothing goes on. Any thread.</summary>
    void TellAfter(TimeSpan moment, IActorRef receiver, object message);

    /// <summary>Tells somebody something when so much time has passed, virtual or not. Any thread.</summary>
    void TellIn(TimeSpan time, IActorRef receiver, object message);
}
