using ActorBroker.TestKit.Leaks;
using Xunit.Sdk;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>Scenarios that hold for the broker, and fail when it has a certain bug: each is run with and without it.</summary>
public abstract class SabotageSpec() : BrokerTestKit(journaled: true)
{
    /// <summary>Runs a scenario, which must hold, or with the bug must fail and say why.</summary>
    /// <param name="isWrong">With the bug.</param>
    /// <param name="symptom">A part of what the failure says.</param>
    private protected async Task Judge(bool isWrong, string symptom, Func<Task> scenario)
    {
        if (isWrong)
        {
            LeakHunt = LeakKinds.None;
            var failure = await Assert.ThrowsAnyAsync<XunitException>(scenario);
            Assert.Contains(symptom, failure.Message);
        }
        else
        {
            await scenario();
        }
    }
}
