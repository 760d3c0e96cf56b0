namespace ActorBroker.TestKit.Tests.Time;

/// <summary>Waits of a moment for company, as the broker's store takes them: over when nothing goes on, and the clock stands still.</summary>
public sealed class MomentSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task Several_publishers_share_a_write_after_a_pause_that_takes_no_time()
    {
        await Broker.DeclareQueue("work");
        await Clock.AtRestAsync();
        var (writes, moments, time) = (Broker.Store.Writes, Clock.Activity.Moments, Clock.Elapsed);
        Broker.Store.HoldWrites();
        var first = Broker.Publish("", "work", "1");
        await Clock.AtRestAsync();
        Task[] behind = [Broker.Publish("", "work", "2"), Broker.Publish("", "work", "3")];
        await Clock.AtRestAsync();
        Assert.False(first.IsCompleted);
        Broker.Store.Release();
        await Task.WhenAll([first, .. behind]).WaitAsync(TimeSpan.FromSeconds(20));
        await Clock.AtRestAsync();
        Assert.Equal(1, Clock.Activity.Moments - moments);
        Assert.Equal(2, Broker.Store.Writes - writes);
        Assert.Equal(time, Clock.Elapsed);
    }

    [Fact]
    public async Task A_lone_publisher_is_not_paused()
    {
        await Broker.DeclareQueue("work");
        var moments = Clock.Activity.Moments;
        for (var i = 0; i < 5; i++)
        {
            await Broker.Publish("", "work", $"{i}");
        }

        await Clock.AtRestAsync();
        Assert.Equal(moments, Clock.Activity.Moments);
    }

    [Fact]
    public async Task Somebody_who_has_gone_does_not_hold_up_rest()
    {
        var gone = CreateTestProbe();
        Sys.Stop(gone.Ref);
        await Clock.AtRestAsync();
        Clock.Activity.OnceAtRest(gone.Ref, "over");
        Clock.Activity.OnceAtRest(TestActor, "over");
        await Clock.AtRestAsync();
        ExpectMsg("over");
    }
}
