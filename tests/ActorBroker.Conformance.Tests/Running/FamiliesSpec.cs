using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Running;

/// <summary>The suite is one: what is asked of one product is asked of the other.</summary>
public sealed class FamiliesSpec
{
    private static readonly Type[] Types = typeof(FamiliesSpec).Assembly.GetTypes();

    [Fact]
    public void Every_spec_has_a_class_in_each_family()
    {
        foreach (var family in new[] { "OnRabbitMQ", "OnActorBroker" })
        {
            var covered = Types
                .Where(t => t.IsPublic && t.FullName!.Contains($".{family}.", StringComparison.Ordinal))
                .Select(t => t.BaseType!);
            Assert.Equal(Specs(family).Select(t => t.Name).Order(), covered.Select(t => t.Name).Order());
        }
    }

    /// <summary>The strict mode of durability exists in one product only.</summary>
    private static IEnumerable<Type> Specs(string family) => Types
        .Where(t => t.IsAbstract && t.IsSubclassOf(typeof(ConformanceSpec)) && t != typeof(RawSpec))
        .Where(t => family == "OnActorBroker" || t != typeof(Scenarios.StrictDurabilitySpec));
}
