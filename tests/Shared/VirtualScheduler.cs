using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ActorBroker.Tests.Shared;

/// <summary>
/// A scheduler whose clocks stand still until the test moves them. Akka's own test scheduler loses timers when they are set while time is
/// moved, and its monotonic clock goes on by itself.
/// </summary>
public sealed class VirtualScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider
{
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    private readonly PriorityQueue<Timer, (long At, long Order)> _timers = new();
    private TimeSpan _passed;
    private long _order;

    /// <summary>Made by the actor system.</summary>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock
    {
        get
        {
            lock (_lock)
            {
                return _passed;
            }
        }
    }

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => _start + MonotonicClock;

    /// <summary>Is something due after exactly that time?</summary>
    public bool HasTimerIn(TimeSpan time)
    {
        lock (_lock)
        {
            return _timers.UnorderedItems.Any(t => t.Priority.At == (_passed + time).Ticks && !t.Element.IsCancelled);
        }
    }

    /// <summary>Lets that much time pass at once: what is due fires in order, and what repeats fires once.</summary>
    public void Advance(TimeSpan time)
    {
        var due = new List<Timer>();
        lock (_lock)
        {
            _passed += time;
            while (_timers.TryPeek(out _, out var at) && at.At <= _passed.Ticks)
            {
                due.Add(_timers.Dequeue());
            }
        }

        foreach (var timer in due.Where(t => !t.IsCancelled))
        {
            timer.Fire();
            if (timer.Interval is { } interval)
            {
                Add(timer, interval);
            }
        }
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(new Timer(() => receiver.Tell(message, sender), null, cancelable), delay);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(new Timer(() => receiver.Tell(message, sender), interval, cancelable), initialDelay);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Add(new Timer(action, null, cancelable), delay);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(new Timer(action, interval, cancelable), initialDelay);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(new Timer(action.Run, null, cancelable), delay);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(new Timer(action.Run, interval, cancelable), initialDelay);

    private void Add(Timer timer, TimeSpan delay)
    {
        lock (_lock)
        {
            _timers.Enqueue(timer, ((_passed + delay).Ticks, ++_order));
        }
    }

    private sealed record Timer(Action Fire, TimeSpan? Interval, ICancelable? Cancelable)
    {
        public bool IsCancelled => Cancelable is { IsCancellationRequested: true };
    }
}
