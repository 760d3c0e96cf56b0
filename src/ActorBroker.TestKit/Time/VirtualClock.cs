using System.Collections.Concurrent;

namespace ActorBroker.TestKit.Time;

/// <summary>
/// The time of a test: it stands still until the test moves it. All timers of the brokers of a test and of its own actor system run
/// on it: expiry of messages and queues, heartbeats, handshake time-outs, pauses before the store is tried again.
/// </summary>
/// <remarks>
/// Moved from timer to timer: each fires alone, at its own time, and the next one is looked for when all actors of the broker have come
/// to rest. So hours pass in milliseconds and in the same order each time. Real time goes on for code that is not in actors: sockets of
/// clients, their own heartbeats, handlers on the thread pool. Wait for its effects before the clock is moved.
/// </remarks>
public sealed class VirtualClock : IDisposable
{
    private static readonly ConcurrentDictionary<string, VirtualClock> All = new(StringComparer.Ordinal);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _moving = new(1);
    private readonly PriorityQueue<VirtualTimer, (long At, long Order)> _timers = new();
    private long _elapsed;
    private long _order;

    internal VirtualClock()
    {
        Id = Guid.NewGuid().ToString("N");
        All[Id] = this;
    }

    /// <summary>When every test begins: 1 January 2030, midnight UTC.</summary>
    public static DateTimeOffset Start { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the actors take for the time of day.</summary>
    public DateTimeOffset Now => Start + Elapsed;

    /// <summary>How far the test has moved it.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _elapsed));

    /// <summary>How far away the next timer is; null when none is set.</summary>
    internal TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
            {
                while (_timers.TryPeek(out var timer, out _) && timer.IsCancelled)
                {
                    _timers.Dequeue();
                }

                return _timers.TryPeek(out var next, out _) ? TimeSpan.FromTicks(Math.Max(0, next.At - _elapsed)) : null;
            }
        }
    }

    internal string Id { get; }

    internal Activity Activity { get; } = new();

    /// <summary>
    /// Lets that much time pass. Every timer that is due meanwhile has fired, and what follows from it has been done, when this completes.
    /// </summary>
    /// <param name="time">Zero or more; hours cost milliseconds.</param>
    /// <exception cref="TimeoutException">The broker does not come to rest, which is waited for in real time.</exception>
    public async Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        await _moving.WaitAsync().ConfigureAwait(false);
        try
        {
            await Activity.AtRestAsync().ConfigureAwait(false);
            var until = _elapsed + time.Ticks;
            while (TakeDue(until) is { } timer)
            {
                if (!Activity.TryRunHere(timer.Fire) || !Activity.IsAtRest)
                {
                    await Activity.AtRestAsync().ConfigureAwait(false);
                }
            }

            Volatile.Write(ref _elapsed, until);
        }
        finally
        {
            _moving.Release();
        }
    }

    /// <summary>Completes when the actors of the broker have done all that they were told, and the store has answered.</summary>
    /// <exception cref="TimeoutException">They do not come to rest, which is waited for in real time.</exception>
    public Task AtRestAsync() => Activity.AtRestAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        All.TryRemove(Id, out _);
        _moving.Dispose();
    }

    internal static VirtualClock Find(string id) => All[id];

    internal void Add(VirtualTimer timer, TimeSpan delay)
    {
        lock (_lock)
        {
            timer.At = _elapsed + delay.Ticks;
            _timers.Enqueue(timer, (timer.At, ++_order));
        }
    }

    /// <summary>The next timer up to that time, and the clock stands at its time; null when there is none.</summary>
    private VirtualTimer? TakeDue(long until)
    {
        lock (_lock)
        {
            while (_timers.TryPeek(out var timer, out var due) && due.At <= until)
            {
                _timers.Dequeue();
                if (timer.IsCancelled)
                {
                    continue;
                }

                Volatile.Write(ref _elapsed, Math.Max(_elapsed, due.At));
                if (timer.Interval is { } interval)
                {
                    timer.At = due.At + interval.Ticks;
                    _timers.Enqueue(timer, (timer.At, ++_order));
                }

                return timer;
            }

            return null;
        }
    }
}
