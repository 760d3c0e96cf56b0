using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Publishing;

/// <summary>What the broker has to know of the properties of a message.</summary>
/// <param name="Flags">For the message.</param>
/// <param name="Priority">For the message.</param>
/// <param name="AsksForReply">reply-to names the pseudo-queue of direct reply-to: the address of the publisher's own consumer belongs there.</param>
/// <param name="IsPlain">The same properties say the same of any other message of any publisher: nothing in them had to be asked of anybody.</param>
internal readonly record struct PublishTraits(MessageFlags Flags, byte Priority, bool AsksForReply, bool IsPlain);
