using Akka.Actor;

namespace ActorBroker.TestKit.Time;

/// <summary>Something to be done at a time of the virtual clock.</summary>
internal sealed class VirtualTimer(Action fire, TimeSpan? interval, ICancelable? cancelable)
{
    /// <summary>Ticks of the clock.</summary>
    public long At { get; set; }

    /// <summary>Again after this; null for once.</summary>
    public TimeSpan? Interval => interval;

    public bool IsCancelled => cancelable is { IsCancellationRequested: true };

    public Action Fire => fire;
}
