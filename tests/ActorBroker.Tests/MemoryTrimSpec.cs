using ActorBroker.Tests.Support;

namespace ActorBroker.Tests;

/// <summary>actor-broker.memory.trim-when-idle: memory goes back to the system after a burst.</summary>
public sealed class MemoryTrimSpec() : BrokerSpec("actor-broker.memory { high-watermark = off, check-interval = 1s, trim-when-idle = on }")
{
    private const long Mega = 1 << 20;
    private const int Idle = 25;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Memory.WaitForTheFirstLook(() => Pass(TimeSpan.FromSeconds(1)), Patience);
    }

    [Theory]
    [InlineData(127, 0)]
    [InlineData(140, 1)]
    public void Once_nothing_is_collected_any_more_and_if_it_is_worth_it(int more, int expected)
    {
        Look(Idle, (100 + more) * Mega);
        Assert.Equal(expected, Memory.GivenBack);
        Look(2 * Idle, (100 + more) * Mega); // what stays was needed
        Assert.Equal(expected, Memory.GivenBack);
    }

    [Fact]
    public void Not_while_the_runtime_collects_by_itself()
    {
        for (var i = 0; i < 2 * Idle; i++)
        {
            Memory.Collections++;
            Look(1, 500 * Mega);
        }

        Assert.Equal(0, Memory.GivenBack);
        Look(Idle, 500 * Mega);
        Assert.Equal(1, Memory.GivenBack);
    }

    private void Look(int times, long bytes)
    {
        Memory.InUse = bytes;
        for (var i = 0; i <= times; i++) // the last look may still be going on
        {
            Memory.WaitForALook(() => Pass(TimeSpan.FromSeconds(1)), Patience);
        }
    }
}
