using ActorBroker.Core.Queues;
using ActorBroker.Core.Topology;
using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Queues;

/// <summary>
/// The times of one queue: when the next message expires, when the queue itself does (x-expires), when messages that stay are
/// moved out of slabs that are mostly dead. All by the actor system's scheduler, so that a test's clock moves them; an expiry that is near
/// is told to the millisecond, whatever the steps of that scheduler.
/// </summary>
internal sealed class QueueTimers(IScheduler scheduler, IMoments moments, IActorRef queue, QueueArguments arguments) : IDisposable
{
    private const int SweepStep = 4096;
    private static readonly TimeSpan SweepAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Handover = TimeSpan.FromSeconds(2);

    private ICancelable? _expiry;
    private long _expiryAt = long.MaxValue;
    private ICancelable? _idle;
    private ICancelable? _handover;
    private long _usedAt;
    private ICancelable? _sweep;
    private bool _sweeping;
    private int _swept;

    /// <summary>Milliseconds of a clock that only goes forward; at least 1.</summary>
    public long Now => (long)scheduler.MonotonicClock.TotalMilliseconds + 1;

    /// <summary>The queue was declared, consumed from or got from: x-expires starts anew.</summary>
    public void Used(QueueState state)
    {
        _usedAt = Now;
        if (arguments.ExpiresMs is not { } expires)
        {
            return;
        }

        _idle?.Cancel();
        _idle = state.ConsumerCount > 0 ? null : After(expires, IdleDue.Instance);
    }

    /// <summary>The timer was early, as it is for times of many weeks: wait for the rest.</summary>
    public void StillUsed(QueueState state)
    {
        if (state.ConsumerCount == 0 && arguments.ExpiresMs is { } expires)
        {
            _idle = After(_usedAt + expires - Now, IdleDue.Instance);
        }
    }

    /// <summary>Has the queue been unused for as long as x-expires says?</summary>
    public bool IsIdle(QueueState state) => state.ConsumerCount == 0 && arguments.ExpiresMs <= Now - _usedAt;

    /// <summary>Messages came: the first expiry may be sooner, and those that stay want a sweep.</summary>
    public void Enqueued(QueueState state)
    {
        ScheduleExpiry(state);
        ScheduleSweep(state);
    }

    /// <summary>An expiry was handled: the next one is scheduled.</summary>
    public void ExpiryPassed(QueueState state)
    {
        _expiryAt = long.MaxValue;
        ScheduleExpiry(state);
    }

    /// <summary>
    /// A cancelled consumer must settle something every two seconds, else its successor no longer waits for it: most clients close their
    /// channel right behind the cancel, but one may keep it and forget what it holds.
    /// </summary>
    public void Left(QueueState state)
    {
        _handover?.Cancel();
        _handover = state.IsHandingOver ? After((long)Handover.TotalMilliseconds, HandoverDue.Instance) : null;
    }

    /// <summary>Messages that pin a mostly dead slab get memory of their own, some at a time.</summary>
    public void SweepDone(QueueState state)
    {
        if (!_sweeping)
        {
            (_sweeping, _swept) = (true, 0); // memory is short, and it was told to begin now
        }

        var looked = state.CopyOut(_swept, SweepStep);
        _swept += looked;
        if (looked == SweepStep)
        {
            queue.Tell(Sweep.Instance, ActorRefs.NoSender);
            return;
        }

        _sweeping = false;
        ScheduleSweep(state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _expiry?.Cancel();
        _idle?.Cancel();
        _handover?.Cancel();
        _sweep?.Cancel();
    }

    private void ScheduleSweep(QueueState state)
    {
        if (!_sweeping && (state.Ready > 0 || state.Unacked > 0))
        {
            _sweeping = true;
            _swept = 0;
            _sweep?.Cancel();
            _sweep = After((long)SweepAfter.TotalMilliseconds, Sweep.Instance);
        }
    }

    private void ScheduleExpiry(QueueState state)
    {
        if (state.NextExpiry is not { } at || at >= _expiryAt)
        {
            return;
        }

        _expiry?.Cancel();
        _expiry = null;
        _expiryAt = at;
        var left = TimeSpan.FromMilliseconds(Math.Max(0, at - Now));
        if (left > Near)
        {
            _expiry = After(at - Now, ExpiryDue.Instance);
        }
        else
        {
            moments.TellIn(left, queue, ExpiryDue.Instance); // one that comes too soon does nothing
        }
    }

    private ICancelable After(long milliseconds, object message) => scheduler.ScheduleTellOnceCancelable(
        TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, int.MaxValue)), queue, message, ActorRefs.NoSender);

    internal sealed record ExpiryDue : IDeadLetterSuppression
    {
        public static readonly ExpiryDue Instance = new();
    }

    internal sealed record IdleDue
    {
        public static readonly IdleDue Instance = new();
    }

    internal sealed record HandoverDue
    {
        public static readonly HandoverDue Instance = new();
    }

    /// <summary>Time to sweep; also from <see cref="MemoryWatchActor"/>.</summary>
    internal sealed record Sweep
    {
        public static readonly Sweep Instance = new();
    }
}
