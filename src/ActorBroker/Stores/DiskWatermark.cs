using System.Globalization;
using ActorBroker.Configuration;
using Akka.Configuration;

namespace ActorBroker.Stores;

/// <summary>Room on a volume below which publishers are held back.</summary>
/// <param name="Bytes">That much; 0 when it is a share.</param>
/// <param name="Percent">That share of the volume; 0 for neither, which is <c>auto</c>.</param>
internal readonly record struct DiskWatermark(long Bytes, int Percent)
{
    /// <summary>Never on.</summary>
    public static readonly DiskWatermark Off = new(-1, 0);

    private const long Least = 50 << 20;
    private const long Most = 1 << 30;

    /// <summary>In bytes, for a volume of that size.</summary>
    public long For(long volume) => (Bytes, Percent) switch
    {
        ( < 0, _) => 0,
        ( > 0, _) => Bytes,
        (_, > 0) => volume / 100 * Percent,
        _ => Math.Clamp(volume / 50, Least, Most), // 2%
    };

    /// <summary>Reads auto, off, a share, or a size.</summary>
    /// <exception cref="ConfigurationException">It is none of these.</exception>
    public static DiskWatermark From(SettingsBlock block, string path)
    {
        var text = block.String("disk-watermark");
        if (text is "auto")
        {
            return default;
        }

        if (!text.EndsWith('%'))
        {
            var bytes = block.Bytes("disk-watermark", 1 << 20, long.MaxValue, off: -1);
            return bytes < 0 ? Off : new DiskWatermark(bytes, 0);
        }

        return int.TryParse(text[..^1], CultureInfo.InvariantCulture, out var share) && share is >= 1 and <= 50
            ? new DiskWatermark(0, share)
            : throw new ConfigurationException($"{path}.disk-watermark = {text}: must be auto, 1% to 50%, a size such as 500MiB, or off");
    }
}
