using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ActorBroker.TestKit.Time;

/// <summary>The scheduler of an actor system whose time is a <see cref="VirtualClock"/>; named in the kit's configuration.</summary>
internal sealed class VirtualScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IMoments
{
    private readonly VirtualClock _clock;

    /// <summary>Made by the actor system.</summary>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log) => _clock = VirtualClock.Find(config.GetString(KitConfig.ClockPath));

    public override TimeSpan MonotonicClock => _clock.Elapsed;

    public override TimeSpan HighResMonotonicClock => _clock.Elapsed;

    protected override DateTimeOffset TimeNow => _clock.Now;

    /// <summary>The clock stands still, and company can only come while something goes on: the moment is over when nothing does.</summary>
    public void TellAfter(TimeSpan moment, IActorRef receiver, object message) => _clock.Activity.OnceAtRest(receiver, message);

    /// <inheritdoc/>
    public void TellIn(TimeSpan time, IActorRef receiver, object message) =>
        ((ITellScheduler)this).ScheduleTellOnce(time, receiver, message, ActorRefs.NoSender);

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(() => receiver.Tell(message, sender), delay, null, cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(() => receiver.Tell(message, sender), initialDelay, interval, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(action, delay, null, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(action, initialDelay, interval, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(action.Run, delay, null, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(action.Run, initialDelay, interval, cancelable);

    private void Add(Action fire, TimeSpan delay, TimeSpan? interval, ICancelable? cancelable) =>
        _clock.Add(new VirtualTimer(fire, interval, cancelable), delay);
}
