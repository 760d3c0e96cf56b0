using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit;

namespace ActorBroker.Tests.Support;

/// <summary>Akka's test scheduler with a monotonic clock that stands still, too, until the test moves it.</summary>
public sealed class VirtualScheduler : TestScheduler, IScheduler
{
    private readonly DateTimeOffset _start;

    /// <summary>Made by the actor system.</summary>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log) => _start = Now;

    /// <inheritdoc/>
    public new TimeSpan MonotonicClock => Now - _start;

    /// <inheritdoc/>
    public new TimeSpan HighResMonotonicClock => MonotonicClock;
}
