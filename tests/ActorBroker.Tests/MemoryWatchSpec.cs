using ActorBroker.Tests.Support;
using Akka.TestKit;

namespace ActorBroker.Tests;

/// <summary>Publishers are held back while memory is short.</summary>
public sealed class MemoryWatchSpec() : BrokerSpec("actor-broker.memory { high-watermark = 200MiB, check-interval = 1s }")
{
    private const long Mega = 1 << 20;

    private TestProbe _events = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Memory.WaitForTheFirstLook(() => Pass(TimeSpan.FromSeconds(1)), Patience);
        await Sys.ActorSelection("/user/actor-broker-memory-watch").ResolveOne(Patience); // behind all looks that are still in its mailbox
        _events = CreateTestProbe();
        Sys.EventStream.Subscribe(_events, typeof(PublisherAlarm));
    }

    [Fact]
    public async Task Goes_on_above_the_watermark_and_off_below_it_and_tells_each_once()
    {
        Assert.False(Broker.Alarms.IsOn);
        Assert.True(Broker.Alarms.WhenOff().IsCompleted);
        Measure(201 * Mega);
        Assert.True(_events.ExpectMsg<PublisherAlarm>().IsOn);
        Assert.True(Broker.Alarms.IsOn);
        Assert.Equal("low on memory", Broker.Alarms.Reason);
        var off = Broker.Alarms.WhenOff();
        Assert.False(off.IsCompleted);

        Measure(250 * Mega);
        Measure(150 * Mega);
        Assert.False(_events.ExpectMsg<PublisherAlarm>().IsOn);
        await Soon(off, "publishers to go on");
        Assert.False(Broker.Alarms.IsOn);
        Measure(100 * Mega);
        _events.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public async Task Every_connection_hears_of_it()
    {
        var connections = new[] { new Connection(), new Connection(), new Connection() };
        Assert.All(connections, c => Assert.True(Broker.TryAddConnection(c, 10, out _)));
        Broker.ConnectionEnded(connections[2]);
        Measure(201 * Mega);
        _events.ExpectMsg<PublisherAlarm>();
        Measure(100 * Mega);
        _events.ExpectMsg<PublisherAlarm>();
        await AwaitConditionAsync(() => Task.FromResult(connections[1].Heard == 2), Patience, TimeSpan.FromMilliseconds(10), message: "a connection heard nothing");
        Assert.Equal([2, 2, 0], connections.Select(c => c.Heard));
    }

    [Fact]
    public void At_the_watermark_nothing_changes()
    {
        var changes = new List<bool>();
        PublisherAlarms alarms = null!;
        alarms = new PublisherAlarms(() => changes.Add(alarms.IsOn));
        var watch = new MemoryWatch(200, alarms);
        foreach (var (bytes, isOn) in new[] { (200, false), (201, true), (200, true), (199, false), (200, false) })
        {
            watch.Measured(bytes);
            Assert.Equal(isOn, watch.IsOn);
        }

        Assert.Equal([true, false], changes);
    }

    [Fact]
    public void While_it_is_on_memory_is_given_back_now_and_then()
    {
        Measure(300 * Mega);
        Assert.True(_events.ExpectMsg<PublisherAlarm>().IsOn);
        Assert.Equal(0, Memory.GivenBack);
        for (var i = 0; i < 8; i++)
        {
            Measure(300 * Mega);
        }

        Measure(100 * Mega);
        Assert.False(_events.ExpectMsg<PublisherAlarm>().IsOn);
        Assert.Equal(3, Memory.GivenBack); // every fourth time
    }

    private sealed class Connection : IBrokerConnection
    {
        public string UserName => "guest";

        public string VirtualHostName => "/";

        private int _heard;

        public int Heard => Volatile.Read(ref _heard);

        public void AlarmChanged() => Interlocked.Increment(ref _heard);

        public void CloseForced(string reason)
        {
        }
    }

    private void Measure(long bytes)
    {
        Memory.InUse = bytes;
        Memory.WaitForALook(() => Pass(TimeSpan.FromSeconds(1)), Patience);
    }
}
