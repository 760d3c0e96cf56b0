using System.Diagnostics;
using ActorBroker.Scheduling;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.Scheduling;

/// <summary>Waits that are shorter than the scheduler's step.</summary>
public sealed class MomentsSpec : ActorSpec
{
    [Fact]
    public void A_moment_is_not_over_before_its_time_and_the_shorter_one_is_over_first()
    {
        using var moments = new MomentThread("moments");
        for (var i = 0; i < 20; i++)
        {
            var time = Stopwatch.StartNew();
            moments.TellAfter(TimeSpan.FromMilliseconds(30), TestActor, "long");
            moments.TellAfter(TimeSpan.FromMilliseconds(1), TestActor, "short");
            Assert.Equal("short", ReceiveOne(Patience));
            Assert.True(time.Elapsed >= TimeSpan.FromMilliseconds(1), $"over after {time.Elapsed}");
            Assert.Equal("long", ReceiveOne(Patience));
            Assert.True(time.Elapsed >= TimeSpan.FromMilliseconds(30), $"over after {time.Elapsed}");
        }
    }

    [Fact]
    public void A_moment_of_a_millisecond_is_shorter_than_a_step_of_the_runtimes_timers()
    {
        using var moments = new MomentThread("moments");
        var shortest = TimeSpan.MaxValue;
        for (var i = 0; i < 200 && shortest > TimeSpan.FromMilliseconds(1.5); i++)
        {
            var time = Stopwatch.StartNew();
            for (var j = 0; j < 3; j++) // a timer may be lucky once, when its clock is about to move
            {
                moments.TellAfter(TimeSpan.FromMilliseconds(1), TestActor, "over");
                Assert.Equal("over", ReceiveOne(Patience));
            }

            shortest = time.Elapsed / 3 < shortest ? time.Elapsed / 3 : shortest;
        }

        Assert.InRange(shortest, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1.5));
    }

    [Fact]
    public void All_actors_of_a_system_have_the_same_thread() => Assert.Same(SystemMoments.For(Sys), SystemMoments.For(Sys));
}
