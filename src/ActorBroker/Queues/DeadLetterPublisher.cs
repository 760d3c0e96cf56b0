using System.Runtime.InteropServices;
using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Publishing;
using Akka.Event;

namespace ActorBroker.Queues;

/// <summary>
/// Sends what leaves a queue to its dead-letter exchange, or lets go of it. One per queue, used by its actor only.
/// </summary>
/// <param name="host">The virtual host of the queue.</param>
/// <param name="inGroup">The queue as its group knows it; null without a log.</param>
internal sealed class DeadLetterPublisher(VirtualHost host, BatchedQueue? inGroup)
{
    private readonly PublishFanOut _fanOut = new(publisher: null);
    private readonly RouteResult _routes = new();
    private readonly List<QueueAddress> _targets = [];
    private ulong _tag; // tells the messages of one move apart

    /// <summary>The virtual host of the queue.</summary>
    public VirtualHost Host => host;

    /// <summary>Publishes a batch; each message's reference is returned.</summary>
    /// <param name="queue">The queue they leave.</param>
    /// <param name="leaving">The messages, in order.</param>
    /// <param name="now">For x-death.</param>
    /// <param name="log">Hears of messages that could not be dead-lettered and were dropped.</param>
    public void Publish(QueueHandle queue, List<Leaving> leaving, DateTimeOffset now, ILoggingAdapter log)
    {
        var move = inGroup is null ? null : new DeadLetterMove(queue, inGroup);
        if (queue.Definition.Arguments.DeadLetterExchange is { } name && host.FindExchange(Encoding.UTF8.GetBytes(name)) is { } exchange)
        {
            var key = queue.Definition.Arguments.DeadLetterRoutingKey;
            foreach (var left in leaving)
            {
                try
                {
                    Route(exchange, DeadLettering.Create(left.Message, left.Reason, queue.Name, name, key, now), move);
                }
                catch (Exception fault)
                {
                    log.Error(fault, "{0}: a message could not be dead-lettered and was dropped", queue.Description);
                }
            }
        }

        foreach (var left in leaving)
        {
            move?.Add(left.Message.Sequence);
            left.Message.Release();
        }

        _fanOut.Flush();
        move?.Done();
    }

    private void Route(ExchangeAddress exchange, Message dead, DeadLetterMove? move)
    {
        var headers = PropertyView.Parse(dead.Properties).Headers;
        CarbonCopies copies;
        try
        {
            copies = CarbonCopies.Parse(headers);
        }
        catch (AmqpException)
        {
            copies = default; // no publisher is there to be told
        }

        Router.Route(exchange, new RoutingInput(dead.RoutingKey, headers, copies), host, _routes);
        foreach (var target in _routes.Queues)
        {
            if (!DeadLettering.IsCycle(dead, target.Name))
            {
                _targets.Add(target);
            }
        }

        if (_targets.Count > 0)
        {
            _fanOut.Add(dead, CollectionsMarshal.AsSpan(_targets), move, ++_tag);
            _targets.Clear();
        }
    }
}
