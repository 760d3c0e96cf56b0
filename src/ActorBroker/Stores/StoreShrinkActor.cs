using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Stores;

/// <summary>After a backlog has gone, gives its space back to the disk in small steps, between which everybody else may write.</summary>
internal sealed class StoreShrinkActor(BrokerStore store) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(100);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => StepAfter(Look);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Step:
                store.ShrinkAsync().PipeTo(Self, ActorRefs.NoSender, more => new Done(more), fault => new Failed(fault));
                break;
            case Done done:
                StepAfter(done.More ? BetweenSteps : Look);
                break;
            case Failed failed:
                Context.GetLogger().Warning(failed.Fault, "free space of the store could not be given back; tried again later");
                StepAfter(Look);
                break;
        }
    }

    private void StepAfter(TimeSpan pause) => Timers.StartSingleTimer(nameof(Step), Step.Instance, pause);

    private sealed record Step
    {
        public static readonly Step Instance = new();
    }

    private sealed record Done(bool More);

    private sealed record Failed(Exception Fault);
}
