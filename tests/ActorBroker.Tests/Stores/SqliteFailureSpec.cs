using System.Data.Common;
using ActorBroker.Journal;
using ActorBroker.Stores;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>What may happen to a file, and to the disk it is on.</summary>
public sealed class SqliteFailureSpec : SqliteSpec
{
    [Fact]
    public async Task While_another_program_locks_the_database_publishers_wait()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a");
        using (var other = Connect())
        {
            Execute(other, "BEGIN IMMEDIATE");
            log.Send("b");
            await log.Blocked();
            Assert.Equal("the store does not take messages", log.Alarms.Reason);
            Assert.False(log.HasHeard);
        }

        Assert.Equal(2, await log.Written());
        Assert.False(log.Alarms.IsOn);
        Assert.Equal(3, await log.Write("c"));
    }

    [Fact]
    public async Task A_full_disk_blocks_and_room_on_it_resumes()
    {
        var disk = new SmallDisk { Pages = 40 };
        var system = Start(disk);
        var log = await LogOwner.Recovered(system, "log");
        var body = new string('x', 100_000); // seven pages
        var written = 0;
        log.Send(body);
        while (!log.Alarms.IsOn)
        {
            await LogOwner.Until(() => log.HasHeard || log.Alarms.IsOn, "a write, or the disk to be full");
            if (log.HasHeard)
            {
                Assert.Equal(++written, await log.Written());
                log.Send(body);
            }
        }

        Assert.InRange(written, 2, 6);
        disk.Pages = 10_000;
        Assert.Equal(written + 1, await log.Written());
        Assert.False(log.Alarms.IsOn);
        await Stop(system);

        Assert.Equal(written + 1, (await LogOwner.Recovered(Start(), "log")).Events.Count);
    }

    [Fact]
    public async Task A_snapshot_that_is_gone_is_no_empty_log()
    {
        await WriteAndDelete();
        Change("DELETE FROM snapshot");

        var log = LogOwner.Of(Start(), "log");
        await log.Next<LogProtocol.RecoveryStarted>("the log to start");
        var damaged = await log.Next<LogProtocol.Damaged>("the damage");
        Assert.Contains("events 1 to 3 are missing", damaged.Reason);
        Assert.True(log.Alarms.IsOn);
    }

    [Fact]
    public async Task A_snapshot_that_is_gone_is_seen_though_no_event_is_left()
    {
        await WriteAndDelete();
        Change("DELETE FROM snapshot; DELETE FROM journal WHERE sequence_number > 3");
        File.Delete(Path.Combine(DataDirectory, StoreMark.FileName)); // which would be the first to say so

        var log = LogOwner.Of(Start(), "log");
        await log.Next<LogProtocol.RecoveryStarted>("the log to start");
        Assert.Contains("events 1 to 3 are missing", (await log.Next<LogProtocol.Damaged>("the damage")).Reason);
    }

    [Fact]
    public async Task Events_that_are_gone_from_the_middle_are_seen()
    {
        await WriteAndDelete();
        Change("DELETE FROM journal WHERE sequence_number = 4");

        var log = LogOwner.Of(Start(), "log");
        await log.Next<LogProtocol.RecoveryStarted>("the log to start");
        await log.Next<LogProtocol.SnapshotOffered>("the snapshot");
        Assert.Contains("events 4 to 4 are missing", (await log.Next<LogProtocol.Damaged>("the damage")).Reason);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_keeps_the_log_from_starting_until_it_can()
    {
        await WriteAndDelete();
        Change("UPDATE snapshot SET serializer_id = 999");
        var log = LogOwner.Of(Start(), "log");
        await log.Blocked();
        await log.Next<LogProtocol.RecoveryStarted>("the log to start");
        Change("UPDATE snapshot SET serializer_id = 16706");

        await log.Recovered();
        Assert.Equal("abc", log.State);
        Assert.Equal(["d", "e"], log.Events);
        Assert.False(log.Alarms.IsOn);
    }

    [Fact]
    public async Task Damaged_pages_keep_the_log_from_starting()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        for (var i = 0; i < 20; i++)
        {
            await log.Write(new string('x', 50_000));
        }

        await Stop(system);
        using (var file = File.OpenWrite(DatabaseFile))
        {
            file.Position = 10 * 16384; // all but the header, the catalogue and the first page of each table
            file.Write(new byte[file.Length - file.Position]);
        }

        log = LogOwner.Of(Start(), "log");
        await log.Blocked();
        await log.Next<LogProtocol.RecoveryStarted>("the log to start");
    }

    [Fact]
    public async Task Of_a_log_that_a_power_cut_ends_anywhere_whole_writes_are_left()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        var ends = new List<int> { 0 };
        var random = new Random(5);
        for (var batch = 0; batch < 12; batch++)
        {
            string[] events = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => $"{batch}.{i} {new string('x', random.Next(20_000))}")];
            ends.Add((int)await log.Write(events));
        }

        var (database, wal) = (Copy(DatabaseFile), Copy(DatabaseFile + "-wal"));
        await Stop(system);
        var lengths = new HashSet<int>();
        foreach (var cut in Enumerable.Range(0, 15).Select(i => i == 0 ? wal.Length : random.Next(wal.Length)))
        {
            File.Delete(Path.Combine(DataDirectory, StoreMark.FileName)); // of the time before the power cut: it knew no more than the disk
            File.WriteAllBytes(DatabaseFile, database);
            File.WriteAllBytes(DatabaseFile + "-wal", wal[..cut]);
            system = Start();
            log = await LogOwner.Recovered(system, "log");
            Assert.Contains(log.Events.Count, ends);
            Assert.Equal(log.Events.Count, log.Last);
            lengths.Add(log.Events.Count);
            await log.Write("next");
            await Stop(system);
        }

        Assert.Contains(ends[^1], lengths);
        Assert.InRange(lengths.Count, 4, 15);
    }

    private async Task WriteAndDelete()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        await log.Write("a", "b", "c");
        await log.Snapshot("abc");
        await log.Write("d", "e");
        await log.Delete(3);
        await Stop(system);
    }

    private static byte[] Copy(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Lets the database grow to so many pages and no further.</summary>
    private sealed class SmallDisk : ConnectionInterceptor, IAppendObserver
    {
        public int Pages { get; set; }

        public override Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
        {
            Execute((SqliteConnection)connection, $"PRAGMA max_page_count = {Pages}");
            return Task.CompletedTask;
        }

        public void Appending(DbCommand insert) => Execute((SqliteConnection)insert.Connection!, $"PRAGMA max_page_count = {Pages}");

        public void Appended()
        {
        }
    }
}
