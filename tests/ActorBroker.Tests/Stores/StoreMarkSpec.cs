using ActorBroker.Stores;

namespace ActorBroker.Tests.Stores;

/// <summary>The file that says how far the logs have gone.</summary>
public sealed class StoreMarkSpec
{
    private const string Golden = "actorbroker mark 1\nSQLite\n25 log-0\n7 topology\ne7cb66ca\n";

    [Fact]
    public void It_is_read_and_written_as_ever()
    {
        Assert.Equal(Golden, Mark(("topology", 7), ("log-0", 25)).ToString());
        var read = StoreMark.Parse(Golden);
        Assert.Equal("SQLite", read.Place);
        Assert.Equal([("log-0", 25L), ("topology", 7L)], read.Logs.Select(l => (l.Key, l.Value)).Order());
        Assert.Empty(StoreMark.Parse(Mark().ToString()).Logs);
    }

    [Fact]
    public void Whatever_is_changed_in_it_is_seen()
    {
        for (var i = 0; i < Golden.Length - 1; i++)
        {
            Assert.Throws<InvalidDataException>(() => StoreMark.Parse(Golden[..i] + (char)(Golden[i] ^ 1) + Golden[(i + 1)..]));
            Assert.Throws<InvalidDataException>(() => StoreMark.Parse(Golden[..i]));
        }
    }

    [Fact]
    public void A_log_that_is_behind_or_gone_is_missed_and_one_that_went_on_is_not()
    {
        var mark = Mark(("log-0", 25), ("topology", 7));
        Assert.Null(mark.MissingIn(Mark(("log-0", 25), ("topology", 9), ("log-1", 1)).Logs));
        Assert.Equal("5 events of log-0 (it ends at 20 and went to 25)", mark.MissingIn(Mark(("log-0", 20), ("topology", 7)).Logs));
        Assert.Equal(
            "25 events of log-0 (it ends at 0 and went to 25), 7 events of topology (it ends at 0 and went to 7)", mark.MissingIn(Mark().Logs));
    }

    private static StoreMark Mark(params (string Log, long Last)[] logs) => new("SQLite", logs.ToDictionary(l => l.Log, l => l.Last));
}
