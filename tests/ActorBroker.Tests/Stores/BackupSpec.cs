using ActorBroker.Stores;

namespace ActorBroker.Tests.Stores;

/// <summary>A backup is taken while the broker writes, and is whole.</summary>
public sealed class BackupSpec : SqliteSpec
{
    private string File(string name) => Path.Combine(DataDirectory, name);

    [Fact]
    public async Task A_backup_under_writes_has_all_that_was_written_before_and_whole_writes_after()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        var written = 0;
        var stop = false;
        var writer = Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                await log.Write($"{written}.a {new string('x', 20_000)}", $"{written}.b", $"{written}.c");
                written++;
            }
        });
        var copies = new List<(string File, int Before, int After)>();
        foreach (var name in new[] { "one", "two", "three" })
        {
            var before = written;
            await LogOwner.Until(() => written > before + 5, "writes");
            before = written;
            var size = SqliteBackup.Create(DataDirectory, File(name));
            Assert.Equal(new FileInfo(File(name)).Length, size);
            copies.Add((File(name), before, written));
        }

        Volatile.Write(ref stop, true);
        await writer;
        await Stop(system);
        foreach (var (file, before, after) in copies)
        {
            SqliteBackup.Restore(file, DataDirectory, force: true);
            system = Start();
            log = await LogOwner.Recovered(system, "log");
            Assert.Equal(0, log.Events.Count % 3);
            Assert.InRange(log.Events.Count / 3, before, after + 1);
            Assert.Equal([.. Enumerable.Range(0, log.Events.Count / 3).SelectMany(w => new[] { $"{w}.a", $"{w}.b", $"{w}.c" })], log.Events.Select(e => e.Split(' ')[0]));
            await log.Write("after the restore");
            await Stop(system);
        }

        Assert.Empty(Directory.GetFiles(DataDirectory, "*.partial*"));
    }

    [Fact]
    public async Task A_backup_of_a_broker_that_was_killed_has_all_that_was_written()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a", "b");
        Directory.CreateDirectory(File("dead"));
        foreach (var suffix in new[] { "", "-wal" })
        {
            System.IO.File.Copy(DatabaseFile + suffix, Path.Combine(File("dead"), "actorbroker.db" + suffix));
        }

        SqliteBackup.Create(File("dead"), File("copy"));
        SqliteBackup.Restore(File("copy"), File("restored"), force: false);
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={File("restored")}/actorbroker.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM journal";
        Assert.Equal(2L, command.ExecuteScalar());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File("copy")));
        }
    }

    [Fact]
    public async Task What_a_killed_broker_left_in_its_log_does_not_get_into_the_restored_database()
    {
        var log = await LogOwner.Recovered(Start(), "log");
        await log.Write("a");
        SqliteBackup.Create(DataDirectory, File("backup"));
        await log.Write([.. Enumerable.Range(0, 50).Select(i => $"later {i} {new string('x', 5000)}")]);
        Directory.CreateDirectory(File("dead"));
        foreach (var suffix in new[] { "", "-wal" })
        {
            System.IO.File.Copy(DatabaseFile + suffix, Path.Combine(File("dead"), "actorbroker.db" + suffix));
        }

        SqliteBackup.Restore(File("backup"), File("dead"), force: true);
        Assert.Equal(["actorbroker.db", "actorbroker.lock"], Directory.GetFiles(File("dead")).Select(Path.GetFileName).Order());
        SqliteBackup.Create(File("dead"), File("again"));
        Assert.InRange(new FileInfo(File("again")).Length, 1, 200_000); // without the later events
    }

    [Fact]
    public async Task Nothing_is_replaced_unasked()
    {
        await Stop(Start());
        System.IO.File.WriteAllText(File("copy"), "mine");
        Refused(() => SqliteBackup.Create(DataDirectory, File("copy")), "exists: a backup never replaces a file");
        Assert.Equal("mine", System.IO.File.ReadAllText(File("copy")));
        SqliteBackup.Create(DataDirectory, File("backup"));
        Refused(() => SqliteBackup.Restore(File("backup"), DataDirectory, force: false), "--force replaces it");
        Refused(() => SqliteBackup.Create(File("nowhere"), File("b")), "nothing to back up");
        Refused(() => SqliteBackup.Restore(File("nowhere"), DataDirectory, force: true), "no such file");

        var system = Start();
        Refused(() => SqliteBackup.Restore(File("backup"), DataDirectory, force: true), "another broker uses this directory");
        await (await LogOwner.Recovered(system, "log")).Write("still works");
    }

    [Fact]
    public async Task Only_a_whole_backup_is_restored()
    {
        var system = Start();
        var log = await LogOwner.Recovered(system, "log");
        for (var i = 0; i < 20; i++)
        {
            await log.Write(new string('x', 30_000));
        }

        SqliteBackup.Create(DataDirectory, File("backup"));
        await Stop(system);
        var bytes = System.IO.File.ReadAllBytes(File("backup"));
        System.IO.File.WriteAllText(File("text"), new string('x', 5000));
        System.IO.File.WriteAllBytes(File("cut"), bytes[..(bytes.Length / 2)]);
        Array.Clear(bytes, 5 * 16384, 16384);
        System.IO.File.WriteAllBytes(File("holed"), bytes);
        foreach (var name in new[] { "text", "cut", "holed" })
        {
            var refusal = Assert.Throws<IOException>(() => SqliteBackup.Restore(File(name), DataDirectory, force: true));
            Assert.Matches("cannot be used|is damaged|is a database of another program", refusal.Message);
        }

        Assert.Equal(20, (await LogOwner.Recovered(Start(), "log")).Events.Count); // what was there is there
    }

    [Fact]
    public async Task A_damaged_database_can_be_replaced()
    {
        var system = Start();
        await (await LogOwner.Recovered(system, "log")).Write("a");
        SqliteBackup.Create(DataDirectory, File("backup"));
        await Stop(system);
        System.IO.File.WriteAllText(DatabaseFile, new string('x', 50_000));
        System.IO.File.WriteAllText(DatabaseFile + "-wal", new string('y', 50_000));

        SqliteBackup.Restore(File("backup"), DataDirectory, force: true);
        Assert.Equal(["a"], (await LogOwner.Recovered(Start(), "log")).Events);
    }

    private static void Refused(Action action, string why) => Assert.Contains(why, Assert.Throws<IOException>(action).Message);
}
