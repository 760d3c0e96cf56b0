using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.VirtualHosts;

namespace ActorBroker.Publishing;

/// <summary>From a message to its queues.</summary>
internal static class PublishRouting
{
    /// <summary>The queues that get it; valid until the cache is asked again.</summary>
    /// <param name="message">Loses its BCC header.</param>
    /// <param name="exchange">Where it was published.</param>
    /// <param name="host">Their virtual host.</param>
    /// <param name="cache">The publisher's own.</param>
    public static ReadOnlySpan<QueueAddress> Targets(ref Message message, ExchangeAddress exchange, VirtualHost host, RouteCache cache)
    {
        if ((message.Flags & MessageFlags.HasHeaders) == 0)
        {
            return cache.Route(exchange, new RoutingInput(message.RoutingKey), host);
        }

        var headers = PropertyView.Parse(message.Properties).Headers;
        var copies = CarbonCopies.Parse(headers);
        var targets = cache.Route(exchange, new RoutingInput(message.RoutingKey, headers, copies), host);
        if (copies.HasBcc)
        {
            var without = new AmqpWriter();
            PropertyEditor.RemoveHeader(message.Properties, CarbonCopies.BccName, without);
            Replace(ref message, without.Written);
        }

        return targets;
    }

    /// <summary>The same message with other properties, in memory of its own.</summary>
    public static void Replace(ref Message message, ReadOnlySpan<byte> properties)
    {
        var changed = Message.Create(message.Exchange, message.RoutingKey, properties, message.Body);
        (changed.Flags, changed.Priority) = (message.Flags, message.Priority);
        message.Release();
        message = changed;
    }
}
