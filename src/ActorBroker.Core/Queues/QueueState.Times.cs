using ActorBroker.Amqp.Content;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <content>When messages expire.</content>
internal sealed partial class QueueState
{
    private long ExpiryOf(in Message message, long now)
    {
        var ttl = _limits.MessageTtl ?? long.MaxValue;
        if ((message.Flags & MessageFlags.HasExpiration) != 0
            && PropertyView.Parse(message.Properties).TryGetExpiration(out var own)
            && long.TryParse(own, out var milliseconds))
        {
            ttl = Math.Min(ttl, milliseconds);
        }

        return ttl >= long.MaxValue - Math.Max(0, now) ? 0 : Math.Max(1, now + ttl);
    }
}
