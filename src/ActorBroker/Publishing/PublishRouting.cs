using ActorBroker.Addresses;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;

namespace ActorBroker.Publishing;

/// <summary>From a message to its queues.</summary>
internal static class PublishRouting
{
    /// <summary>
    /// Steps that one message may take on the thread of a socket, well below a millisecond, see <see cref="RouteResult.Steps"/>. A queue that
    /// gets the message counts eight.
    /// </summary>
    public const int TurnBudget = 32_768;

    /// <summary>The queues that get it; valid until the cache is asked again.</summary>
    /// <param name="message">Loses its BCC header.</param>
    /// <param name="exchange">Where it was published.</param>
    /// <param name="host">Their virtual host.</param>
    /// <param name="cache">The publisher's own.</param>
    public static ReadOnlySpan<QueueAddress> Targets(ref Message message, ExchangeAddress exchange, VirtualHost host, RouteCache cache) =>
        TryTargets(ref message, exchange, host, cache, long.MaxValue, out var targets) ? targets : default;

    /// <summary>The queues that get a message, when it does not take long to find them.</summary>
    /// <param name="message">Loses its BCC header.</param>
    /// <param name="exchange">Where it was published.</param>
    /// <param name="host">Their virtual host.</param>
    /// <param name="cache">The publisher's own.</param>
    /// <param name="budget">Most steps.</param>
    /// <param name="targets">The queues that get it; valid until the cache is asked again.</param>
    /// <returns>False when it takes more: nothing has happened.</returns>
    public static bool TryTargets(
        ref Message message, ExchangeAddress exchange, VirtualHost host, RouteCache cache, long budget, out ReadOnlySpan<QueueAddress> targets)
    {
        if ((message.Flags & MessageFlags.HasHeaders) == 0)
        {
            targets = cache.Route(exchange, new RoutingInput(message.RoutingKey), host, budget);
            return cache.IsComplete && targets.Length <= budget / 8;
        }

        var headers = PropertyView.Parse(message.Properties).Headers;
        var copies = CarbonCopies.Parse(headers);
        targets = cache.Route(exchange, new RoutingInput(message.RoutingKey, headers, copies), host, budget);
        if (!cache.IsComplete || targets.Length > budget / 8)
        {
            return false;
        }

        if (copies.HasBcc)
        {
            var without = new AmqpWriter();
            PropertyEditor.RemoveHeader(message.Properties, CarbonCopies.BccName, without);
            Replace(ref message, without.Written);
        }

        return true;
    }

    /// <summary>Gives a message other properties, and memory of its own.</summary>
    public static void Replace(ref Message message, ReadOnlySpan<byte> properties)
    {
        var changed = Message.Create(message.Exchange, message.RoutingKey, properties, message.Body);
        (changed.Flags, changed.Priority) = (message.Flags, message.Priority);
        message.Release();
        message = changed;
    }
}
