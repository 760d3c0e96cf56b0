using ActorBroker.Clients.Tests.Running;
using ActorBroker.Tests.Shared;
using RabbitMQ.Client;

namespace ActorBroker.Clients.Tests;

[Collection(BrokerCollection.Name)]
public sealed class AmqpToolsSpec(BrokerProcess broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [StockClientFact("amqp-tools")]
    public async Task The_command_line_tools_publish_get_and_consume()
    {
        await using var observer = await Observer.ConnectAsync(broker.Uri);
        var queue = $"clients.tools.{Guid.NewGuid()}";
        await observer.Channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        try
        {
            foreach (var body in (string[])["one", "two", "three"])
            {
                await RunAsync("amqp-publish --url=\"$1\" -r \"$2\" -p -b \"$3\"", queue, body);
            }

            Assert.Equal(["one"], await RunAsync("amqp-get --url=\"$1\" -q \"$2\"", queue));
            Assert.Equal(
                ["two", "three"],
                await RunAsync("amqp-consume --url=\"$1\" -q \"$2\" -c 2 -- sh -c 'cat; echo'", queue));
            Assert.Equal(0u, await observer.Channel.MessageCountAsync(queue));
        }
        finally
        {
            await observer.Channel.QueueDeleteAsync(queue);
        }
    }

    private async Task<IReadOnlyCollection<string>> RunAsync(string script, params string[] arguments)
    {
        using var program = StockClient.Start(script, [broker.Uri, .. arguments]);
        await program.ShouldSucceedAsync(Limit);
        return program.Lines;
    }
}
