using ActorBroker.Tests.Shared;

namespace ActorBroker.Frameworks.Tests;

/// <summary>All specs share one broker and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<BrokerProcess>
{
    public const string Name = "broker";
}
