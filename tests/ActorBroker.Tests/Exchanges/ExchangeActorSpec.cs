using ActorBroker.Addresses;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Exchanges;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Exchanges;

/// <summary>An exchange as an actor: it owns its bindings, and whoever publishes routes by its table.</summary>
public sealed class ExchangeActorSpec : ActorSpec
{
    private readonly VirtualHost _host = new("/");

    [Theory]
    [InlineData(ExchangeType.Direct)]
    [InlineData(ExchangeType.Fanout)]
    [InlineData(ExchangeType.Topic)]
    [InlineData(ExchangeType.Headers)]
    public async Task Bind_and_unbind_are_answered_when_every_publisher_can_see_them(object each)
    {
        var exchange = new ExchangeHandle("/", "e", (ExchangeType)each, isInternal: false, alternateExchange: null); // no public type
        var actor = Sys.ActorOf(ExchangeActor.Props(exchange));
        var queue = QueueHandle.ForReplies("/", "q");
        var (cache, version) = (new RouteCache(), exchange.Version);
        Assert.Empty(Route());

        await Wire(visible => new ExchangeProtocol.Bind("key", FieldTable.Empty, queue, visible));
        Assert.Equal(["q"], Route());
        Assert.True(exchange.Version > version, "routes that publishers remember are stale");
        version = exchange.Version;

        await Wire(visible => new ExchangeProtocol.Unbind("key", FieldTable.Empty, queue, visible));
        Assert.Empty(Route());
        Assert.True(exchange.Version > version, "routes that publishers remember are stale");

        string[] Route() => [.. cache.Route(exchange, new RoutingInput("key"u8), _host).ToArray().Select(q => q.Name)];

        async Task Wire(Func<Completion, object> message)
        {
            var visible = new TaskCompletionSource();
            actor.Tell(message(new Completion(1, visible.SetResult)));
            await Soon(visible.Task, "the binding to be visible");
        }
    }
}
