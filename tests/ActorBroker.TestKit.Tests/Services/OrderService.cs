using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.TestKit.Tests.Services;

/// <summary>
/// A service as somebody would write it, with RabbitMQ.Client and no idea of test kits: orders come in by HTTP, go through a queue,
/// and are shipped by a worker.
/// </summary>
internal sealed class OrderService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IConnection _connection;
    private readonly IChannel _publisher;

    private OrderService(WebApplication app, IConnection connection, IChannel publisher)
    {
        _app = app;
        _connection = connection;
        _publisher = publisher;
    }

    /// <summary>Orders that the worker has handled, with how often.</summary>
    public ConcurrentDictionary<string, int> Shipped { get; } = new(StringComparer.Ordinal);

    /// <summary>What the worker does before it acks.</summary>
    public Func<string, Task> Ship { get; set; } = _ => Task.CompletedTask;

    /// <summary>Why the last order was not accepted.</summary>
    public Exception? LastFault { get; private set; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<OrderService> StartAsync(Uri broker, bool reconnects = true)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = reconnects, NetworkRecoveryInterval = TimeSpan.FromMilliseconds(50) };
        var connection = await factory.CreateConnectionAsync("orders");
        var publisher = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await publisher.QueueDeclareAsync("orders", durable: true, exclusive: false, autoDelete: false);

        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var service = new OrderService(app, connection, publisher);
        app.MapPost("/orders/{id}", service.Order);
        await app.StartAsync();
        await service.StartWorkerAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>201 when the order is safe with the broker; 503 when it may not be.</summary>
    private async Task<IResult> Order(string id)
    {
        try
        {
            await _publisher.BasicPublishAsync("", "orders", true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(id));
            return Results.Created($"/orders/{id}", null);
        }
        catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException or IOException)
        {
            LastFault = e;
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private async Task StartWorkerAsync()
    {
        var channel = await _connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 10, false);
        var worker = new AsyncEventingBasicConsumer(channel);
        worker.ReceivedAsync += async (_, delivery) =>
        {
            var id = Encoding.UTF8.GetString(delivery.Body.Span);
            await Ship(id);
            Shipped.AddOrUpdate(id, 1, (_, times) => times + 1);
            await channel.BasicAckAsync(delivery.DeliveryTag, false);
        };
        await channel.BasicConsumeAsync("orders", false, worker);
    }
}
