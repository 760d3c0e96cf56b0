using ActorBroker.Conformance.Tests.Brokers;

namespace ActorBroker.Conformance.Tests.Running;

/// <summary>Names of the collections: all tests of one share one broker and run one after the other.</summary>
public static class Families
{
    public const string OnRabbitMQ = "On RabbitMQ";
    public const string OnActorBroker = "On ActorBroker";
    public const string OnStrictActorBroker = "On ActorBroker with strict-durability-binding";

    /// <summary>Why a family cannot run on this machine; null when it can.</summary>
    public static string? SkipReason(string collection) =>
        collection == OnRabbitMQ ? RabbitMqBroker.Unavailable : null;
}

[CollectionDefinition(Families.OnRabbitMQ)]
public sealed class RabbitMqFamily : ICollectionFixture<RabbitMqBroker>;

[CollectionDefinition(Families.OnActorBroker)]
public sealed class ActorBrokerFamily : ICollectionFixture<ActorBrokerBroker>;

[CollectionDefinition(Families.OnStrictActorBroker)]
public sealed class StrictActorBrokerFamily : ICollectionFixture<StrictActorBroker>;
