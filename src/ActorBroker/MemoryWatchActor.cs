using ActorBroker.Diagnostics;
using ActorBroker.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker;

/// <summary>
/// Measures the process's memory once in a while. While it is over the watermark, garbage is collected and given back to the
/// system: consumers have freed messages by then, and with publishers blocked nobody allocates enough to make the runtime do it.
/// </summary>
/// <param name="watch">Who holds publishers back.</param>
/// <param name="interval">How often.</param>
/// <param name="trimWhenIdle">Give memory back after a burst, too: once the runtime has stopped to collect by itself.</param>
/// <param name="memory">The process's memory.</param>
/// <param name="queues">All queues: while memory is short their messages move out of slabs that are mostly dead.</param>
internal sealed class MemoryWatchActor(
    MemoryWatch watch, TimeSpan interval, bool trimWhenIdle, IProcessMemory memory, Func<IEnumerable<IActorRef>> queues) : UntypedActor, IWithTimers
{
    private const int TicksBetweenCollections = 4;
    private const int IdleTicks = 20;
    private const long WorthTrimming = 128 << 20;

    private int _ticks;
    private int _idleTicks;
    private int _collections;
    private long _trimmed;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _trimmed = memory.InUse;
        Timers.StartPeriodicTimer(nameof(Measure), Measure.Instance, interval);
    }

    protected override void OnReceive(object message)
    {
        var before = watch.IsOn;
        if (before && _ticks++ % TicksBetweenCollections == 0)
        {
            memory.GiveBack();
            Sweep(); // for the next time
        }

        var bytes = memory.InUse;
        watch.Measured(bytes);
        if (before != watch.IsOn)
        {
            _ticks = 0;
            Sweep();
            Context.GetLogger().OneLine().Warning(
                watch.IsOn
                    ? "memory in use is {0} bytes, over actor-broker.memory.high-watermark: publishers are blocked"
                    : "memory in use is {0} bytes: publishers go on",
                bytes);
        }

        if (trimWhenIdle)
        {
            Trim(bytes);
        }
    }

    private void Sweep()
    {
        if (watch.IsOn)
        {
            foreach (var queue in queues())
            {
                queue.Tell(QueueTimers.Sweep.Instance, ActorRefs.NoSender);
            }
        }
    }

    private void Trim(long bytes)
    {
        var collections = memory.Collections;
        _idleTicks = collections == _collections ? _idleTicks + 1 : 0;
        _collections = collections;
        if (_idleTicks >= IdleTicks && bytes > _trimmed + WorthTrimming)
        {
            memory.GiveBack();
            _trimmed = memory.InUse;
            _collections = memory.Collections;
            _idleTicks = 0;
        }
    }

    private sealed record Measure
    {
        public static readonly Measure Instance = new();
    }
}
