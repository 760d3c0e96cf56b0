using ActorBroker.Listener;
using ActorBroker.Listener.Configuration;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Readme.Tests;

/// <summary>README: embed it.</summary>
internal static class EmbedSample
{
    public static async Task RunAsync(Func<int, Task> use)
    {
        // embed
        var settings = ConfigurationFactory.ParseString("actor-broker { data-dir = shop-data, amqp.listen = \"127.0.0.1:0\" }");
        using var system = BrokerSystem.Create("shop", settings); // durable things live in ./shop-data
        var broker = await Broker.StartAsync(system);
        await using var listener = await AmqpListener.StartAsync(broker, ListenerSettings.From(system.Settings.Config));
        var port = listener.Endpoints[0].Port; // any RabbitMQ client may connect now
        // end

        await use(port);
        await listener.StopAsync(broker, TimeSpan.FromSeconds(5));
        await broker.StopAsync(TimeSpan.FromSeconds(5));
        await system.Terminate();
        Directory.Delete("shop-data", recursive: true);
    }
}
