using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Errors;
using ActorBroker.Conformance.Tests.Features;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Scenarios;
using ActorBroker.Conformance.Tests.Wire;

namespace ActorBroker.Conformance.Tests.OnRabbitMQ;

[Collection(Families.OnRabbitMQ)]
public sealed class ConsumerErrors(RabbitMqBroker broker) : ConsumerErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class ExchangeErrors(RabbitMqBroker broker) : ExchangeErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class MessageErrors(RabbitMqBroker broker) : MessageErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class QueueDeclareErrors(RabbitMqBroker broker) : QueueDeclareErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class QueueErrors(RabbitMqBroker broker) : QueueErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class TransactionErrors(RabbitMqBroker broker) : TransactionErrorsSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Acknowledgement(RabbitMqBroker broker) : AcknowledgementSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Confirm(RabbitMqBroker broker) : ConfirmSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Connection(RabbitMqBroker broker) : ConnectionSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Consumer(RabbitMqBroker broker) : ConsumerSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class DeadLetter(RabbitMqBroker broker) : DeadLetterSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class DirectReplyTo(RabbitMqBroker broker) : DirectReplyToSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class ExchangeFeatures(RabbitMqBroker broker) : ExchangeFeaturesSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Limit(RabbitMqBroker broker) : LimitSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Load(RabbitMqBroker broker) : LoadSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Permission(RabbitMqBroker broker) : PermissionSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Prefetch(RabbitMqBroker broker) : PrefetchSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class PriorityQueue(RabbitMqBroker broker) : PriorityQueueSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Property(RabbitMqBroker broker) : PropertySpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class QueueLifetime(RabbitMqBroker broker) : QueueLifetimeSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class QuorumQueue(RabbitMqBroker broker) : QuorumQueueSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Routing(RabbitMqBroker broker) : RoutingSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class TimeToLive(RabbitMqBroker broker) : TimeToLiveSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Transaction(RabbitMqBroker broker) : TransactionSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class ConsumerScenario(RabbitMqBroker broker) : ConsumerScenarioSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class DeclarationScenario(RabbitMqBroker broker) : DeclarationScenarioSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class DeliveryScenario(RabbitMqBroker broker) : DeliveryScenarioSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class ChannelState(RabbitMqBroker broker) : ChannelStateSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Content(RabbitMqBroker broker) : ContentSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Framing(RabbitMqBroker broker) : FramingSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Handshake(RabbitMqBroker broker) : HandshakeSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Heartbeat(RabbitMqBroker broker) : HeartbeatSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Login(RabbitMqBroker broker) : LoginSpec(broker);

[Collection(Families.OnRabbitMQ)]
public sealed class Recover(RabbitMqBroker broker) : RecoverSpec(broker);
