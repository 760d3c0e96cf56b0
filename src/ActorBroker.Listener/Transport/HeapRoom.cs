using Akka.Actor;

namespace ActorBroker.Listener.Transport;

/// <summary>Whether there is memory for one more client. Looks at most ten times a second.</summary>
internal sealed class HeapRoom(ActorSystem system)
{
    private const double Full = 0.9; // of what the process may use
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CollectEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private TimeSpan _looked = -LookEvery;
    private TimeSpan _collected = -CollectEvery;
    private bool _isShort;

    /// <summary>True while it is not.</summary>
    public bool IsShort()
    {
        var now = system.Scheduler.MonotonicClock;
        lock (_lock)
        {
            if (now - _looked < LookEvery)
            {
                return _isShort;
            }

            _looked = now;
            _isShort = GC.GetTotalMemory(forceFullCollection: false) > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * Full;
            if (_isShort && now - _collected >= CollectEvery)
            {
                _collected = now;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Default, blocking: false); // who is refused makes no garbage that would cause it
            }

            return _isShort;
        }
    }
}
