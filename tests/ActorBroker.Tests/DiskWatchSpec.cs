using ActorBroker.Stores;
using Akka.Configuration;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests;

/// <summary>Publishers are held back before the disk is full, and the reserve is there when it is.</summary>
public sealed class DiskWatchSpec : IDisposable
{
    private const long Mega = 1 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("actorbroker-disk-").FullName;
    private readonly FakeDisk _space = new() { Room = new(500 * Mega, 1000 * Mega) };
    private readonly PublisherAlarms _alarms = new(() => { });
    private readonly StoreDisk _disk;
    private readonly DiskWatch _watch;

    public DiskWatchSpec()
    {
        _disk = new StoreDisk(_space, Path.Combine(_directory, StoreDisk.ReserveName), Mega);
        _watch = new DiskWatch(_disk, new DiskWatermark(100 * Mega, 0), _alarms);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void With_room_the_reserve_is_taken_and_nobody_is_held_back()
    {
        _watch.Look();
        Assert.False(_alarms.IsOn);
        Assert.Equal(Mega, new FileInfo(Path.Combine(_directory, StoreDisk.ReserveName)).Length);
        Assert.Equal((false, false), (_disk.IsShort, _disk.IsFull));
    }

    [Fact]
    public void Below_the_watermark_publishers_hear_why_and_go_on_when_there_is_a_quarter_more()
    {
        _watch.Look();
        Free(100);
        Assert.False(_alarms.IsOn);
        Free(99);
        Assert.Equal("low on disk", _alarms.Reason);
        Assert.True(_disk.IsShort);
        Free(124);
        Assert.True(_alarms.IsOn);
        Free(125);
        Assert.False(_alarms.IsOn);
        Assert.False(_disk.IsShort);
    }

    [Fact]
    public void The_nearer_the_watermark_the_sooner_is_the_next_look()
    {
        var far = _watch.Look();
        var near = Free(110);
        Assert.InRange(near, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        Assert.True(near < far, $"{near} {far}");
        _space.Room = new(900_000 * Mega, 1_000_000 * Mega);
        Assert.Equal(TimeSpan.FromSeconds(10), _watch.Look());
    }

    [Fact]
    public void A_write_that_finds_no_room_gives_the_reserve_up_and_what_publishers_sent_waits_until_it_is_back()
    {
        _watch.Look();
        var heard = 0;
        _disk.OnFull = () => heard++;
        _disk.WriteFailed(new InvalidOperationException("wrapped", new SqliteException("database or disk is full", 13)));
        Assert.Equal((1, true, true, false), (heard, _disk.IsFull, _disk.IsShort, _disk.HasReserve));
        Free(0);
        Assert.True(_alarms.IsOn);
        Free(125); // the reserve takes some of it
        Assert.True(_disk.IsFull);
        Free(126);
        Assert.Equal((false, true), (_disk.IsFull, _disk.HasReserve));
        Assert.False(_alarms.IsOn);
    }

    [Fact]
    public void Other_failures_are_no_full_disk()
    {
        _watch.Look();
        _disk.WriteFailed(new SqliteException("database is locked", 5));
        _disk.WriteFailed(new SqliteException("disk I/O error", 10)); // there is room
        _disk.WriteFailed(null);
        Assert.Equal((false, true), (_disk.IsFull, _disk.HasReserve));
    }

    [Theory]
    [InlineData("auto", 1_000, 50)]
    [InlineData("auto", 10_000, 200)]
    [InlineData("auto", 1_000_000, 1024)]
    [InlineData("10%", 1_000, 100)]
    [InlineData("300MiB", 1_000, 300)]
    [InlineData("off", 1_000, 0)]
    public void The_watermark_is_a_share_or_a_size(string setting, long volume, long megabytes) =>
        Assert.Equal(megabytes, Settings(setting).DiskWatermark.For(volume * Mega) / Mega);

    [Theory]
    [InlineData("0%")]
    [InlineData("51%")]
    [InlineData("1KiB")]
    [InlineData("much")]
    public void Anything_else_is_refused(string setting) =>
        Assert.Contains($"actor-broker.store.disk-watermark = {setting}", Assert.Throws<ConfigurationException>(() => Settings(setting)).Message);

    private static StoreSettings Settings(string watermark) =>
        StoreSettings.From(Broker.ConfigOf(ConfigurationFactory.ParseString($"actor-broker.store.disk-watermark = \"{watermark}\"")));

    private TimeSpan Free(long megabytes)
    {
        _space.Room = _space.Room with { Free = megabytes * Mega };
        return _watch.Look();
    }

    private sealed class FakeDisk : IDiskSpace
    {
        public DiskRoom Room { get; set; }

        public DiskRoom Measure() => Room;
    }
}
