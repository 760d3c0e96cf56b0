using ActorBroker.Listener;
using ActorBroker.Listener.Configuration;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Readme.Tests;

/// <summary>README: embed it.</summary>
internal static class EmbedSample
{
    public static async Task RunAsync(Func<int, Task> use)
    {
        // embed
        var config = Broker.ConfigOf(ConfigurationFactory.ParseString("actor-broker.amqp.listen = \"127.0.0.1:0\""));
        using var system = ActorSystem.Create("shop", config);
        var broker = await Broker.StartAsync(system);
        await using var listener = await AmqpListener.StartAsync(broker, ListenerSettings.From(config));
        var port = listener.Endpoints[0].Port; // any RabbitMQ client may connect now
        // end

        await use(port);
        await listener.StopAsync(broker, TimeSpan.FromSeconds(5));
        await system.Terminate();
    }
}
