using System.Globalization;
using ActorBroker.Durability.Tests.Running;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>A disk that a foreign file fills for a while, again and again.</summary>
internal sealed class DiskEpisodes(SmallDisk disk)
{
    /// <summary>Below it the server blocks publishers.</summary>
    private const long Watermark = 24 << 20;

    private const long Plenty = 4L << 30;

    /// <summary>What the server has to be told of the disk.</summary>
    public static string Settings =>
        string.Create(CultureInfo.InvariantCulture, $"actor-broker.store {{ disk-watermark = {Watermark}B, disk-reserve = 8MiB }}");

    /// <summary>Episodes so far.</summary>
    public int Count { get; private set; }

    /// <summary>Those in which not a byte was left.</summary>
    public int Full { get; private set; }

    /// <summary>Makes the disk as large as the run needs.</summary>
    public void Begin() => disk.Resize(Plenty);

    /// <summary>Fills it: every second time to the last byte.</summary>
    public void Fill()
    {
        disk.Resize(Watermark * 2);
        if (++Count % 2 == 1)
        {
            disk.Fill(but: Watermark * 2 / 3);
            return;
        }

        Full++;
        disk.Fill(but: 0);
    }

    /// <summary>Takes the foreign file away.</summary>
    public void Free()
    {
        disk.Clear();
        disk.Resize(Plenty);
    }
}
