using ActorBroker.Addresses;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Exchanges;

/// <summary>Everything one may say to an <see cref="ExchangeActor"/>.</summary>
internal static class ExchangeProtocol
{
    /// <summary>Wires a queue or another exchange to this one.</summary>
    /// <param name="BindingKey">Binding key.</param>
    /// <param name="Arguments">For a headers exchange.</param>
    /// <param name="Destination">Where it leads.</param>
    /// <param name="Visible">Told when every channel can see it.</param>
    public sealed record Bind(string BindingKey, FieldTable Arguments, Destination Destination, Completion Visible)
        : INoSerializationVerificationNeeded;

    /// <summary>Takes that back.</summary>
    public sealed record Unbind(string BindingKey, FieldTable Arguments, Destination Destination, Completion Visible)
        : INoSerializationVerificationNeeded;

    /// <summary>Messages from inside the process, routed by the same table as those of channels.</summary>
    /// <param name="Messages">In order; ownership moves.</param>
    /// <param name="Accepted">
    /// Told when every queue has answered; may be null. Its publish tags count from its first one, a message that was refused is nacked.
    /// </param>
    public sealed record PublishBatch(IReadOnlyList<Message> Messages, Core.Channels.ConfirmBatch? Accepted)
        : INoSerializationVerificationNeeded;
}
