namespace ActorBroker.Durability.Tests.Soak;

/// <summary>That the verdict of a soak sees what it is there for.</summary>
public sealed class SoakGrowthSpec
{
    private static readonly SoakSample Flat = new(default, 200 << 20, 60, 40, 30 << 20, 20 << 20, default, 0);

    [Fact]
    public void What_grows_in_the_warm_up_only_is_flat() =>
        Assert.Empty(Growth((sample, at) => at < 20 ? sample with { Resident = sample.Resident * at / 20, Descriptors = at } : sample));

    [Fact]
    public void A_high_sample_now_and_then_is_flat() =>
        Assert.Empty(Growth((sample, at) => at % 5 == 0 ? sample with { Resident = 900 << 20, WriteAhead = 90 << 20 } : sample));

    [Fact]
    public void What_goes_on_growing_is_named()
    {
        Assert.Equal(["resident bytes grew from 209715200 to 314572800"], Growth((s, at) => at < 60 ? s : s with { Resident = 300 << 20 }));
        Assert.StartsWith("descriptors", Assert.Single(Growth((s, at) => s with { Descriptors = 60 + at })), StringComparison.Ordinal);
        Assert.StartsWith("threads", Assert.Single(Growth((s, at) => s with { Threads = 40 + at })), StringComparison.Ordinal);
        Assert.StartsWith("bytes of the database", Assert.Single(Growth((s, at) => s with { Database = at << 20 })), StringComparison.Ordinal);
        Assert.StartsWith("bytes of the write", Assert.Single(Growth((s, at) => s with { WriteAhead = at << 20 })), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Growth(Func<SoakSample, int, SoakSample> at) =>
        SoakGrowth.Of([.. Enumerable.Range(0, 100).Select(n => at(Flat, n))]);
}
