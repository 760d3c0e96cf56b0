using System.Text;
using RabbitMQ.Client;

namespace ActorBroker.Readme.Tests;

/// <summary>README: talk to it.</summary>
internal static class ClientSample
{
    public static async Task<string> RunAsync(int port)
    {
        // client
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = port };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("orders", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "orders", Encoding.UTF8.GetBytes("one coffee")); // returns when confirmed
        var order = await channel.BasicGetAsync("orders", autoAck: true);
        // end

        return Encoding.UTF8.GetString(order!.Body.Span);
    }
}
