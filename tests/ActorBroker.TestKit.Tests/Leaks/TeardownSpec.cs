using ActorBroker.TestKit.Leaks;

namespace ActorBroker.TestKit.Tests.Leaks;

/// <summary>A test that leaves something behind fails at its end.</summary>
public sealed class TeardownSpec
{
    [Fact]
    public async Task A_leak_fails_the_test()
    {
        using var kit = new Kit();
        await kit.InitializeAsync();
        await kit.LeaveSomething();
        var found = await Assert.ThrowsAsync<LeaksFoundException>(kit.DisposeAsync);
        Assert.Contains("1 unacked in queue 'work'", Assert.Single(found.Leaks));
    }

    [Fact]
    public async Task A_test_may_allow_it()
    {
        using var kit = new Kit();
        await kit.InitializeAsync();
        await kit.LeaveSomething();
        kit.Allow(LeakKinds.Unacked);
        await kit.DisposeAsync();
    }

    private sealed class Kit : BrokerTestKit
    {
        public async Task LeaveSomething()
        {
            await Broker.DeclareQueue("work");
            await Broker.Publish("", "work", "job");
            Assert.NotNull(await Broker.Get("work"));
        }

        public void Allow(LeakKinds kinds) => LeakHunt = LeakKinds.All & ~kinds;
    }
}
