using ActorBroker.Addresses;
using ActorBroker.Diagnostics;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker;

/// <summary>Looks at the disk of the store once in a while, more often when room gets short, and tells the queue groups.</summary>
/// <param name="watch">Who holds publishers back.</param>
/// <param name="disk">The disk.</param>
/// <param name="groups">Who writes.</param>
internal sealed class DiskWatchActor(DiskWatch watch, StoreDisk disk, IReadOnlyList<IActorRef> groups) : UntypedActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private bool _wasFull;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        disk.OnFull = () => self.Tell(LookNow.Instance, ActorRefs.NoSender);
        Look();
    }

    protected override void PostStop() => disk.OnFull = null;

    protected override void OnReceive(object message) => Look();

    private void Look()
    {
        var (wasOn, wasFull) = (watch.IsOn, _wasFull);
        var next = watch.Look();
        _wasFull = disk.IsFull;
        if (wasOn != watch.IsOn || wasFull != _wasFull)
        {
            Say();
            foreach (var group in groups)
            {
                group.Tell(GroupProtocol.RoomChanged.Instance);
            }
        }

        Timers.StartSingleTimer(nameof(LookNow), LookNow.Instance, next);
    }

    private void Say()
    {
        var free = disk.Measure()?.Free ?? 0;
        if (!watch.IsOn)
        {
            _log.Warning("the disk of actor-broker.data-dir has {0} bytes free: publishers go on", free);
        }
        else if (_wasFull)
        {
            _log.Error(
                "the disk of actor-broker.data-dir is full: publishers are blocked, and what they sent waits in memory unconfirmed. The reserve of {0} bytes "
                + "was given up for what consumers and operators do. Free some space, or let consumers drain", disk.Reserve);
        }
        else
        {
            _log.Warning(
                "the disk of actor-broker.data-dir has {0} bytes free, less than the {1} of actor-broker.store.disk-watermark: publishers are blocked, "
                + "consumers go on", free, watch.Limit);
        }
    }

    private sealed record LookNow
    {
        public static readonly LookNow Instance = new();
    }
}
