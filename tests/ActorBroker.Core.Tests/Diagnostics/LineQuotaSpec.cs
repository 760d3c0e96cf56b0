using ActorBroker.Core.Diagnostics;

namespace ActorBroker.Core.Tests.Diagnostics;

/// <summary>A flood of refusals costs a few lines and loses no number.</summary>
public sealed class LineQuotaSpec
{
    [Fact]
    public void One_source_writes_a_few_lines_and_the_rest_is_counted()
    {
        var quota = new LineQuota(linesOfOne: 3, linesOfAll: 100);

        Assert.Equal(3, Enumerable.Range(0, 1900).Count(_ => quota.TryTake("logins", "192.0.2.1")));
        Assert.True(quota.TryTake("logins", "192.0.2.2"));
        Assert.True(quota.TryTake("connections", "192.0.2.1"));

        Assert.Equal([("logins", "192.0.2.1", 1897)], quota.EndWindow(most: 10));
        Assert.True(quota.IsEmpty);
        Assert.True(quota.TryTake("logins", "192.0.2.1"));
    }

    [Fact]
    public void Many_sources_write_so_many_lines_together_and_the_greatest_are_named()
    {
        var quota = new LineQuota(linesOfOne: 3, linesOfAll: 10);
        var written = 0;
        for (var source = 1; source <= 20; source++)
        {
            for (var line = 0; line < source; line++)
            {
                written += quota.TryTake("logins", $"{source}") ? 1 : 0;
            }
        }

        Assert.Equal(10, written);
        var sums = quota.EndWindow(most: 2);
        Assert.Equal([("logins", "20", 20), ("logins", "19", 19)], sums.Take(2));
        Assert.Equal(("", ""), (sums[2].Kind, sums[2].Source));
        Assert.Equal(210 - 10, sums.Sum(s => s.LeftOut));
    }

    [Fact]
    public void However_many_sources_there_are_little_is_kept()
    {
        var quota = new LineQuota(linesOfOne: 1, linesOfAll: 5);
        for (var source = 0; source < 100_000; source++)
        {
            quota.TryTake("logins", $"{source}");
        }

        Assert.Equal(100_000 - 5, quota.EndWindow(most: 3).Sum(s => s.LeftOut));
    }

    [Theory]
    [InlineData("plain näme", "plain näme")]
    [InlineData("a\nb\r\tc\0", "a\\nb\\r\\tc\\u0000")]
    [InlineData("\u001b[2J\u2028\u202e", "\\u001b[2J\\u2028\\u202e")]
    public void Names_of_clients_stay_on_their_line(string name, string printed) => Assert.Equal(printed, Printable.Of(name));

    [Fact]
    public void Names_of_clients_are_not_endless() => Assert.Equal(new string('x', 512) + "… (4000 characters)", Printable.Of(new string('x', 4000)));
}
