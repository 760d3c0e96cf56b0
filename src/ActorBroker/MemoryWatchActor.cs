using Akka.Actor;
using Akka.Event;

namespace ActorBroker;

/// <summary>Measures the process's memory once in a while.</summary>
internal sealed class MemoryWatchActor(MemoryWatch watch, TimeSpan interval, Func<long> measure) : UntypedActor, IWithTimers
{
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Measure), Measure.Instance, interval);

    protected override void OnReceive(object message)
    {
        var before = watch.IsOn;
        var bytes = measure();
        watch.Measured(bytes, Context.System);
        if (before != watch.IsOn)
        {
            Context.GetLogger().Warning(
                watch.IsOn ? "memory in use is {0} bytes, over actor-broker.memory.high-watermark: publishers are blocked" : "memory in use is {0} bytes: publishers go on",
                bytes);
        }
    }

    private sealed record Measure
    {
        public static readonly Measure Instance = new();
    }
}
