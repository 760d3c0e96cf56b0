using ActorBroker.Tests.Shared;

namespace ActorBroker.Clients.Tests;

/// <summary>All specs share one broker and run one after the other: a client gets the machine for itself.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<BrokerProcess>
{
    public const string Name = "broker";
}
