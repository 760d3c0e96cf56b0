using ActorBroker.Stores;
using Akka.Actor;

namespace ActorBroker.Tests.Stores;

/// <summary>A database that has lost something since the broker used it last: a start says so, and does not go on as if nothing had been.</summary>
public sealed class LostStoreSpec : SqliteSpec
{
    private const string Accepted = "actor-broker.store.accept-data-loss = on";

    private string MarkFile => Path.Combine(DataDirectory, StoreMark.FileName);

    [Fact]
    public async Task After_a_kill_nothing_is_missed()
    {
        await WriteAndKill(marked: 8, more: 2);
        var system = Start();
        Assert.Null(BrokerSystem.StoreOf(system)!.Mark!.Warning);
        Assert.Equal(10, (await LogOwner.Recovered(system, "log-1")).Last);
    }

    [Theory]
    [InlineData("the write-ahead log is gone", 8)]
    [InlineData("the write-ahead log is cut off", 8)]
    [InlineData("the database is empty", 8)]
    [InlineData("the database is gone", 8)]
    [InlineData("all is gone", 8)]
    public async Task What_is_lost_stops_the_start_until_it_is_accepted(string how, long marked)
    {
        await WriteAndKill(marked, more: 1);
        switch (how)
        {
            case "the write-ahead log is gone":
                File.Delete(DatabaseFile + "-wal");
                break;
            case "the write-ahead log is cut off":
                Cut(DatabaseFile + "-wal", new FileInfo(DatabaseFile + "-wal").Length * 2 / 3);
                break;
            case "the database is empty":
                Cut(DatabaseFile, 0);
                break;
            case "the database is gone":
                File.Delete(DatabaseFile);
                break;
            default:
                Array.ForEach(Directory.GetFiles(DataDirectory, "actorbroker.db*"), File.Delete);
                break;
        }

        var before = Contents();
        var refusal = Assert.Throws<IOException>(() => Start());
        Assert.Matches($@"^the store lacks \d events of log-1 \(it ends at \d and went to {marked}\), as .*actorbroker.mark says\.", refusal.Message);
        Assert.Contains("--accept-data-loss", refusal.Message);
        Assert.Contains("restore a backup", refusal.Message);
        Assert.Equal(before, Contents());

        var system = Start(Accepted);
        Assert.Contains($"and went to {marked})", BrokerSystem.StoreOf(system)!.Mark!.Warning);
        var log = await LogOwner.Recovered(system, "log-1");
        Assert.InRange(log.Last, 0, marked - 1);
        await log.Write("on we go");
        await Stop(system);
        Assert.Null(BrokerSystem.StoreOf(Start())!.Mark!.Warning); // forgiven
    }

    /// <summary>A loss in the files' middle that SQLite does not notice: the last event of a log is hidden.</summary>
    [Fact]
    public async Task An_end_of_a_log_that_is_hidden_is_missed()
    {
        await WriteAndKill(marked: 3, more: 0);
        Change("UPDATE journal SET persistence_id = 'log-9' WHERE sequence_number = 3");
        Assert.Contains("1 events of log-1 (it ends at 2 and went to 3)", Assert.Throws<IOException>(() => Start()).Message);
    }

    [Fact]
    public async Task A_stop_writes_how_far_the_logs_went_and_deletions_take_nothing_from_it()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log-1");
        await log.Write("a", "b", "c");
        await log.Snapshot("abc");
        await log.Delete(3);
        await Stop(system);
        Assert.Equal(3, StoreMark.Parse(File.ReadAllText(MarkFile)).Logs["log-1"]);
        Assert.Equal(4, await (await LogOwner.Recovered(Start(), "log-1")).Write("d"));
    }

    [Fact]
    public async Task A_broker_writes_the_mark_as_soon_as_it_runs()
    {
        var system = Start();
        await Broker.StartAsync(system).WaitAsync(TimeSpan.FromSeconds(30));
        await LogOwner.Until(() => File.Exists(MarkFile), "the mark");
        await LogOwner.Until(() => StoreMark.Parse(File.ReadAllText(MarkFile)).Place == "SQLite", "its content");
    }

    [Fact]
    public async Task A_restored_backup_is_not_missed_but_one_that_was_copied_by_hand_is()
    {
        var backup = Path.Combine(DataDirectory, "backup");
        var system = Start();
        var log = await LogOwner.Recovered(system, "log-1");
        await log.Write("a");
        SqliteBackup.Create(DataDirectory, backup);
        await log.Write("b");
        await Stop(system);

        File.Copy(backup, DatabaseFile, overwrite: true);
        Assert.Contains("replaced by an older one", Assert.Throws<IOException>(() => Start()).Message);
        SqliteBackup.Restore(backup, DataDirectory, force: true);
        system = Start();
        Assert.Null(BrokerSystem.StoreOf(system)!.Mark!.Warning);
        Assert.Equal(["a"], (await LogOwner.Recovered(system, "log-1")).Events);
    }

    [Fact]
    public async Task A_damaged_mark_is_said_and_written_anew()
    {
        await WriteAndKill(marked: 1, more: 0);
        File.WriteAllText(MarkFile, "actorbroker mark 1\nSQLite\n99 log-1\n00000000\n");
        var system = Start();
        Assert.Contains("cannot be used, so nobody knows whether the store has lost something", BrokerSystem.StoreOf(system)!.Mark!.Warning);
        await Stop(system);
        Assert.Equal(1, StoreMark.Parse(File.ReadAllText(MarkFile)).Logs["log-1"]);
    }

    [Fact]
    public async Task The_mark_of_another_kind_of_store_says_nothing()
    {
        await WriteAndKill(marked: 1, more: 0);
        File.WriteAllText(MarkFile, new StoreMark("the PostgreSQL database", new Dictionary<string, long> { ["log-1"] = 99 }).ToString());
        Assert.Null(BrokerSystem.StoreOf(Start())!.Mark!.Warning);
    }

    /// <summary>Leaves what a killed broker leaves: events in the write-ahead log only, the mark from before the last ones.</summary>
    private async Task WriteAndKill(long marked, int more)
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log-1");
        while (log.Last < marked)
        {
            await log.Write(new string('x', 20_000));
        }

        BrokerSystem.StoreOf(system)!.Mark!.Write();
        for (var i = 0; i < more; i++)
        {
            await log.Write("after the mark");
        }

        var files = Directory.GetFiles(DataDirectory).Where(f => !f.EndsWith("-shm") && !f.EndsWith(".lock")).ToDictionary(f => f, Read);
        await Stop(system);
        Array.ForEach(Directory.GetFiles(DataDirectory), File.Delete);
        foreach (var (file, bytes) in files)
        {
            File.WriteAllBytes(file, bytes);
        }
    }

    private string Contents() => string.Join('\n', Directory.GetFiles(DataDirectory)
        .Where(f => !f.EndsWith("-shm") && new FileInfo(f).Length > 0)
        .Order()
        .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Read(f)))}"));

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Cut(string file, long length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }
}
