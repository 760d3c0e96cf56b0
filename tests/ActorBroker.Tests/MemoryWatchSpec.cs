using ActorBroker.Tests.Support;
using Akka.TestKit;

namespace ActorBroker.Tests;

/// <summary>Publishers are held back while memory is short.</summary>
public sealed class MemoryWatchSpec() : BrokerSpec("actor-broker.memory { high-watermark = 200MiB, check-interval = 1s, trim-when-idle = on }")
{
    private const long Mega = 1 << 20;

    private TestProbe _events = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _events = CreateTestProbe();
        Sys.EventStream.Subscribe(_events, typeof(MemoryAlarm));
    }

    [Fact]
    public async Task Goes_on_above_the_watermark_and_off_below_it_and_tells_each_once()
    {
        Assert.False(Broker.Alarm.IsOn);
        Assert.True(Broker.Alarm.WhenOff().IsCompleted);
        Measure(201 * Mega);
        Assert.True(_events.ExpectMsg<MemoryAlarm>().IsOn);
        Assert.True(Broker.Alarm.IsOn);
        Assert.Equal("low on memory", Broker.Alarm.Reason);
        var off = Broker.Alarm.WhenOff();
        Assert.False(off.IsCompleted);

        Measure(250 * Mega);
        Measure(150 * Mega);
        Assert.False(_events.ExpectMsg<MemoryAlarm>().IsOn);
        await Soon(off, "publishers to go on");
        Assert.False(Broker.Alarm.IsOn);
        Measure(100 * Mega);
        _events.ExpectNoMsg(TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public void At_the_watermark_nothing_changes()
    {
        Broker.Alarm.Measured(200 * Mega, Sys);
        Assert.False(Broker.Alarm.IsOn);
        Broker.Alarm.Measured((200 * Mega) + 1, Sys);
        Assert.True(Broker.Alarm.IsOn);
        Broker.Alarm.Measured(200 * Mega, Sys);
        Assert.True(Broker.Alarm.IsOn);
        Broker.Alarm.Measured((200 * Mega) - 1, Sys);
        Assert.False(Broker.Alarm.IsOn);
    }

    [Fact]
    public async Task While_it_is_on_memory_is_given_back_now_and_then()
    {
        Measure(300 * Mega);
        Assert.True(_events.ExpectMsg<MemoryAlarm>().IsOn);
        Assert.Equal(0, Memory.GivenBack);
        for (var i = 0; i < 8; i++)
        {
            Measure(300 * Mega);
        }

        Measure(100 * Mega);
        Assert.False(_events.ExpectMsg<MemoryAlarm>().IsOn);
        Assert.InRange(Memory.GivenBack, 2, 3);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Memory_is_given_back_when_the_broker_has_been_idle_after_a_burst()
    {
        for (var i = 0; i < 60; i++)
        {
            Measure(199 * Mega); // not worth it: less than 128 MiB more than at the start
        }

        await Declare("q");
        Assert.Equal(0, Memory.GivenBack);
    }

    private void Measure(long bytes)
    {
        Memory.InUse = bytes;
        Pass(TimeSpan.FromSeconds(1));
    }
}
