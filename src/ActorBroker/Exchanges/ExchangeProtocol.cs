using ActorBroker.Addresses;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using Akka.Actor;

namespace ActorBroker.Exchanges;

/// <summary>Everything one may say to an <see cref="ExchangeActor"/>.</summary>
internal static class ExchangeProtocol
{
    /// <summary>Wires a queue or another exchange to this one.</summary>
    /// <param name="BindingKey">Binding key.</param>
    /// <param name="Arguments">For a headers exchange.</param>
    /// <param name="Destination">Where it leads.</param>
    /// <param name="Visible">Told when every publisher can see it.</param>
    public sealed record Bind(string BindingKey, FieldTable Arguments, Destination Destination, Completion Visible)
        : INoSerializationVerificationNeeded;

    /// <summary>Takes that back.</summary>
    public sealed record Unbind(string BindingKey, FieldTable Arguments, Destination Destination, Completion Visible)
        : INoSerializationVerificationNeeded;
}
