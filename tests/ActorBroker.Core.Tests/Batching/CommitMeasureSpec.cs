using ActorBroker.Core.Batching;

namespace ActorBroker.Core.Tests.Batching;

/// <summary>The grace is as long as some commits, within bounds.</summary>
public sealed class CommitMeasureSpec
{
    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData(0.1, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 8)]
    [InlineData(50, 10)]
    public void It_follows_what_commits_take(double commit, double grace)
    {
        var measure = new CommitMeasure(Most);
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(Most, measure.Time); // nothing is known yet
            measure.Committed(TimeSpan.FromMilliseconds(commit));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(grace), measure.Time);
    }

    [Fact]
    public void It_forgets()
    {
        var measure = new CommitMeasure(Most);
        for (var i = 0; i < 100; i++)
        {
            measure.Committed(TimeSpan.FromMilliseconds(i < 20 ? 100 : 1));
        }

        Assert.InRange(measure.Time, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(4.1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void It_is_never_longer_than_is_allowed(int allowed)
    {
        var measure = new CommitMeasure(TimeSpan.FromMilliseconds(allowed));
        for (var i = 0; i < 20; i++)
        {
            measure.Committed(TimeSpan.FromMilliseconds(5));
            Assert.Equal(TimeSpan.FromMilliseconds(allowed), measure.Time);
        }
    }

    [Fact]
    public void Commits_that_nobody_measured_say_nothing()
    {
        var measure = new CommitMeasure(Most);
        for (var i = 0; i < 100; i++)
        {
            measure.Committed(TimeSpan.Zero);
        }

        Assert.Equal(Most, measure.Time);
    }
}
