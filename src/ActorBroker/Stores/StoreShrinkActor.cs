using ActorBroker.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Stores;

/// <summary>After a backlog has gone, gives its space back to the disk in small steps, between which everybody else may write.</summary>
internal sealed class StoreShrinkActor(BrokerStore store) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookWhileShort = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(100);

    private bool _hasFailed;

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
                _hasFailed = false;
                StepAfter(done.More ? BetweenSteps : store.Disk is { IsShort: true } ? LookWhileShort : Look);
                break;
            case Failed failed:
                if (!_hasFailed)
                {
                    _hasFailed = true; // said once
                    Context.GetLogger().OneLine().Warning("free space of the store could not be given back ({0}); tried again later", failed.Fault.Message);
                }

                StepAfter(store.Disk is { IsShort: true } ? LookWhileShort : Look);
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
