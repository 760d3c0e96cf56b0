using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Errors;
using ActorBroker.Conformance.Tests.Features;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Scenarios;
using ActorBroker.Conformance.Tests.Wire;

namespace ActorBroker.Conformance.Tests.OnActorBroker;

[Collection(Families.OnActorBroker)]
public sealed class ConsumerErrors(ActorBrokerBroker broker) : ConsumerErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class ExchangeErrors(ActorBrokerBroker broker) : ExchangeErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class MessageErrors(ActorBrokerBroker broker) : MessageErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class QueueDeclareErrors(ActorBrokerBroker broker) : QueueDeclareErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class QueueErrors(ActorBrokerBroker broker) : QueueErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class TransactionErrors(ActorBrokerBroker broker) : TransactionErrorsSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Acknowledgement(ActorBrokerBroker broker) : AcknowledgementSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Confirm(ActorBrokerBroker broker) : ConfirmSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Connection(ActorBrokerBroker broker) : ConnectionSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Consumer(ActorBrokerBroker broker) : ConsumerSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class DeadLetter(ActorBrokerBroker broker) : DeadLetterSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class DirectReplyTo(ActorBrokerBroker broker) : DirectReplyToSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class ExchangeFeatures(ActorBrokerBroker broker) : ExchangeFeaturesSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Limit(ActorBrokerBroker broker) : LimitSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Load(ActorBrokerBroker broker) : LoadSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Permission(ActorBrokerBroker broker) : PermissionSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Prefetch(ActorBrokerBroker broker) : PrefetchSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class PriorityQueue(ActorBrokerBroker broker) : PriorityQueueSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Property(ActorBrokerBroker broker) : PropertySpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class QueueLifetime(ActorBrokerBroker broker) : QueueLifetimeSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class QuorumQueue(ActorBrokerBroker broker) : QuorumQueueSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Routing(ActorBrokerBroker broker) : RoutingSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class TimeToLive(ActorBrokerBroker broker) : TimeToLiveSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Transaction(ActorBrokerBroker broker) : TransactionSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class ConsumerScenario(ActorBrokerBroker broker) : ConsumerScenarioSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class DeclarationScenario(ActorBrokerBroker broker) : DeclarationScenarioSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class DeliveryScenario(ActorBrokerBroker broker) : DeliveryScenarioSpec(broker);

[Collection(Families.OnStrictActorBroker)]
public sealed class StrictDurability(StrictActorBroker broker) : StrictDurabilitySpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class ChannelState(ActorBrokerBroker broker) : ChannelStateSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Content(ActorBrokerBroker broker) : ContentSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Framing(ActorBrokerBroker broker) : FramingSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Handshake(ActorBrokerBroker broker) : HandshakeSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Heartbeat(ActorBrokerBroker broker) : HeartbeatSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Login(ActorBrokerBroker broker) : LoginSpec(broker);

[Collection(Families.OnActorBroker)]
public sealed class Recover(ActorBrokerBroker broker) : RecoverSpec(broker);
