using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>Where a message would go that its consumer rejects.</summary>
internal static class DeadLetterPlace
{
    /// <summary>Is there a queue that takes it as a dead letter? Else a reject would lose it.</summary>
    public static bool Has(VirtualHost? host, Delivery delivery, ActorSystem system)
    {
        var queue = delivery.Source;
        if (queue.Definition.Arguments.DeadLetterExchange is not { } name || host?.FindExchange(Encoding.UTF8.GetBytes(name)) is not { } exchange)
        {
            return false;
        }

        var key = queue.Definition.Arguments.DeadLetterRoutingKey;
        var dead = DeadLettering.Create(delivery.Message, LeaveReason.Rejected, queue.Name, name, key, system.Scheduler.Now);
        try
        {
            var headers = PropertyView.Parse(dead.Properties).Headers;
            var routes = new RouteResult();
            Router.Route(exchange, new RoutingInput(dead.RoutingKey, headers, CarbonCopies.Parse(headers)), host, routes);
            return routes.Queues.Length > 0;
        }
        catch (AmqpException)
        {
            return false; // headers that nobody can read: it stays
        }
        finally
        {
            dead.Release();
        }
    }
}
