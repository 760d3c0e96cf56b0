using ActorBroker.Stores;

namespace ActorBroker;

/// <summary>
/// Holds publishers back while the disk has less room than it should, before a write fails. Consumers go on, so that room is made. The alarm
/// goes off when there is a quarter more room than the watermark says, and the reserve is there again.
/// </summary>
/// <param name="disk">The disk, and its reserve.</param>
/// <param name="watermark">When room is short.</param>
/// <param name="alarms">What publishers look at.</param>
internal sealed class DiskWatch(StoreDisk disk, DiskWatermark watermark, PublisherAlarms alarms)
{
    private const double FastestBytesPerSecond = 256 << 20; // more than a store writes that syncs
    private static readonly TimeSpan Fastest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WhileShort = TimeSpan.FromSeconds(1);

    /// <summary>Publishers are held back.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Bytes below which there is too little room, as of the last look.</summary>
    public long Limit { get; private set; }

    /// <summary>Looks at the disk.</summary>
    /// <returns>When to look again: sooner when room is nearly short.</returns>
    public TimeSpan Look()
    {
        if (disk.Measure() is not { } room)
        {
            return Slowest;
        }

        Limit = watermark.For(room.Total);
        var missing = disk.HasReserve ? 0 : disk.Reserve;
        var enough = IsOn ? Limit + (Limit / 4) : Limit; // else it would go on and off with every step of clearing up
        if (room.Free - missing >= enough && disk.TryTake())
        {
            disk.IsShort = disk.IsFull = false;
            if (IsOn)
            {
                IsOn = false;
                alarms.Clear(this);
            }

            var time = (room.Free - missing - Limit) / FastestBytesPerSecond;
            return TimeSpan.FromSeconds(Math.Clamp(time, Fastest.TotalSeconds, Slowest.TotalSeconds));
        }

        disk.IsShort = true;
        if (!IsOn)
        {
            IsOn = true;
            alarms.Raise(this, "low on disk");
        }

        return WhileShort;
    }
}
