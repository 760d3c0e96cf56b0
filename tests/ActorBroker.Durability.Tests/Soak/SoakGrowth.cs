namespace ActorBroker.Durability.Tests.Soak;

/// <summary>Whether a server went on taking more after it had warmed up.</summary>
internal static class SoakGrowth
{
    private const int Parts = 5;
    private const double Share = 0.2;

    /// <summary>What may grow by a fifth, and by how much more.</summary>
    private static readonly (string Name, Func<SoakSample, long> Of, long Room)[] Bounds =
    [
        ("resident bytes", s => s.Resident, 16 << 20),
        ("descriptors", s => s.Descriptors, 8),
        ("threads", s => s.Threads, 4),
        ("bytes of the database", s => s.Database, 4 << 20),
        ("bytes of the write-ahead log", s => s.WriteAhead, 4 << 20),
    ];

    /// <summary>Names what grew: the median of the last fifth of the samples is compared with that of the second, the first is warm-up.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<SoakSample> samples) =>
    [
        .. from bound in Bounds
           let before = Median(samples, 1, bound.Of)
           let after = Median(samples, Parts - 1, bound.Of)
           where after > (before * (1 + Share)) + bound.Room
           select $"{bound.Name} grew from {before} to {after}",
    ];

    private static long Median(IReadOnlyList<SoakSample> samples, int part, Func<SoakSample, long> of)
    {
        var (from, to) = (samples.Count * part / Parts, samples.Count * (part + 1) / Parts);
        long[] values = [.. samples.Take(from..to).Select(of).Order()];
        return values[values.Length / 2];
    }
}
