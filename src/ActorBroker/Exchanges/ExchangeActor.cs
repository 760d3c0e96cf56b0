using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Diagnostics;
using ActorBroker.Publishing;
using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Exchanges;

/// <summary>
/// One exchange as an actor: it owns the bindings and is the only writer of the routing table that channels read.
/// </summary>
internal sealed class ExchangeActor : UntypedActor
{
    private readonly ExchangeHandle _handle;
    private readonly VirtualHost _host;
    private readonly RouteResult _routes = new();
    private readonly PublishFanOut _fanOut = new(publisher: null);

    /// <summary>The actor of <paramref name="handle"/>.</summary>
    public ExchangeActor(ExchangeHandle handle, VirtualHost host)
    {
        _handle = handle;
        _host = host;
    }

    /// <summary>How to start it.</summary>
    public static Props Props(ExchangeHandle handle, VirtualHost host) =>
        Akka.Actor.Props.Create(() => new ExchangeActor(handle, host)).WithDispatcher(Dispatchers.Hot);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ExchangeProtocol.Bind bind:
                _handle.Bind(bind.BindingKey, bind.Arguments, bind.Destination);
                bind.Visible.Done();
                break;
            case ExchangeProtocol.Unbind unbind:
                _handle.Unbind(unbind.BindingKey, unbind.Arguments, unbind.Destination);
                unbind.Visible.Done();
                break;
            case ExchangeProtocol.PublishBatch batch:
                Publish(batch);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Publish(ExchangeProtocol.PublishBatch batch)
    {
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            var message = batch.Messages[i];
            var tag = batch.Accepted is { } accepted ? accepted.First + (ulong)i : 0;
            try
            {
                Route(message);
            }
            catch (AmqpException malformed)
            {
                Context.GetLogger().OneLine().Error(malformed, "exchange '{0}' in vhost '{1}': a malformed message was refused", _handle.Name, _host.Name);
                batch.Accepted?.Nack(tag);
                message.Release();
                continue;
            }

            if (_routes.Count == 0)
            {
                message.Release();
            }
            else
            {
                _fanOut.Add(message, _routes.Queues, batch.Accepted, tag);
            }
        }

        _fanOut.Flush();
        batch.Accepted?.Done();
    }

    private void Route(in Message message)
    {
        var headers = PropertyView.Parse(message.Properties).Headers;
        Router.Route(_handle, new RoutingInput(message.RoutingKey, headers, CarbonCopies.Parse(headers)), _host, _routes);
    }
}
