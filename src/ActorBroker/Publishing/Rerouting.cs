using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Publishing;

/// <summary>
/// Routes again what met a queue that has ended: to the queues that its exchange leads to without that one, to an alternate exchange,
/// back to its publisher when it is mandatory. Any thread.
/// </summary>
/// <param name="host">The virtual host.</param>
/// <param name="newest">
/// <see cref="QueueHandle.Shown"/> of the newest queue that was seen while the ended one was; queues after it have nothing that was routed to that one.
/// </param>
internal sealed class Rerouting(VirtualHost host, long newest) : IDetour
{
    /// <summary>While the ended queue can still be seen: nothing has taken its place.</summary>
    public static Rerouting WithoutNewer(VirtualHost host) => new(host, long.MaxValue);

    /// <inheritdoc/>
    public void SendOn(EnqueueBatch batch)
    {
        var fanOut = new PublishFanOut(batch.Publisher);
        var routes = new RouteResult(passOverEnded: true);
        for (var i = 0; i < batch.Count; i++)
        {
            var (message, tag) = (batch.Messages[i], batch.TagOf(i));
            try
            {
                SendOn(message, tag, batch, fanOut, routes);
            }
            catch (Exception)
            {
                batch.Confirm?.Nack(tag); // as a queue that fails at a message; its reference is left to the collector
                batch.Confirm?.Fail();
            }
        }

        batch.Publisher?.Handed(fanOut.Bytes);
        fanOut.Flush();
    }

    private void SendOn(in Message message, ulong tag, EnqueueBatch batch, PublishFanOut fanOut, RouteResult routes)
    {
        Route(message, batch.IsDeadLetters, routes);
        var places = Places(message, tag, batch, routes);
        if (places is { Count: > 0 })
        {
            fanOut.Add(message, [.. places], batch.Confirm, tag);
            return;
        }

        if (places is not null && (message.Flags & MessageFlags.Mandatory) != 0)
        {
            batch.Confirm?.Return(message, tag);
        }

        message.Release();
    }

    private void Route(in Message message, bool isDeadLetter, RouteResult routes)
    {
        routes.Clear();
        if (host.FindExchange(message.Exchange) is not { } exchange || (exchange.Internal && !isDeadLetter))
        {
            return; // deleted, or another one by now
        }

        var headers = PropertyView.Parse(message.Properties).Headers;
        CarbonCopies copies;
        try
        {
            copies = CarbonCopies.Parse(headers);
        }
        catch (AmqpException) when (isDeadLetter)
        {
            copies = default;
        }

        Router.Route(exchange, new RoutingInput(message.RoutingKey, headers, copies), host, routes);
    }

    private IReadOnlyList<QueueAddress>? Places(in Message message, ulong tag, EnqueueBatch batch, RouteResult routes)
    {
        var now = new List<QueueAddress>();
        foreach (var queue in routes.Queues)
        {
            if (!batch.IsDeadLetters || !DeadLettering.IsCycle(message, queue.Name))
            {
                now.Add(queue);
            }
        }

        if ((message.Flags & MessageFlags.Shared) == 0)
        {
            return now; // nobody else has it
        }

        List<QueueAddress> fresh = [.. now.Where(q => ((QueueHandle)q).Shown > newest)];
        return batch.Confirm is { } confirm ? confirm.Place(tag, message.Copies, now, fresh) : fresh.Count > 0 ? fresh : null;
    }
}
