using ActorBroker.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.RabbitMQ;

namespace ActorBroker.Wolverine.Tests;

/// <summary>Wolverine as its users run it: a sending host, a listening host, topology made at start.</summary>
[Collection(BrokerCollection.Name)]
public sealed class WolverineSpec(BrokerProcess broker) : IAsyncLifetime
{
    private const int Count = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _prefix = $"clients-wolverine-{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker.Uri), AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync("observer");
        await using var channel = await connection.CreateChannelAsync();
        foreach (var suffix in (string[])["orders", "prices", "dead"])
        {
            await channel.QueueDeleteAsync($"{_prefix}-{suffix}");
            await channel.ExchangeDeleteAsync($"{_prefix}-{suffix}");
        }
    }

    [Fact]
    public async Task A_listener_handles_what_another_host_publishes_and_tries_again_what_failed()
    {
        var inbox = new Handled<int>();
        using var listener = await ListenAsync(inbox);
        using var sender = await SendAsync();

        using var scope = sender.Services.CreateScope();
        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
        foreach (var number in Enumerable.Range(0, Count))
        {
            await bus.PublishAsync(new ShipOrder(number));
        }

        Assert.Equal(Enumerable.Range(0, Count), (await inbox.TakeAsync(Count, Limit)).Order());
        await sender.StopAsync();
        await listener.StopAsync();
    }

    [Fact]
    public async Task A_request_gets_its_reply()
    {
        using var listener = await ListenAsync(new Handled<int>());
        using var sender = await SendAsync();

        using var scope = sender.Services.CreateScope();
        var price = await scope.ServiceProvider.GetRequiredService<IMessageBus>()
            .InvokeAsync<Price>(new PriceOf("apple"), timeout: Limit);
        Assert.Equal(new Price("apple", 5), price);
        await sender.StopAsync();
        await listener.StopAsync();
    }

    private Task<IHost> ListenAsync(Handled<int> inbox) => StartAsync(options =>
    {
        options.ServiceName = "listener";
        options.Services.AddSingleton(inbox);
        options.Discovery.DisableConventionalDiscovery().IncludeType<Handlers>();
        options.OnException<InvalidOperationException>().RetryTimes(3);
        options.ListenToRabbitQueue($"{_prefix}-orders");
        options.ListenToRabbitQueue($"{_prefix}-prices");
    });

    private Task<IHost> SendAsync() => StartAsync(options =>
    {
        options.ServiceName = "sender";
        options.Discovery.DisableConventionalDiscovery();
        options.PublishMessage<ShipOrder>().ToRabbitExchange(
            $"{_prefix}-orders", exchange => exchange.BindQueue($"{_prefix}-orders"));
        options.PublishMessage<PriceOf>().ToRabbitQueue($"{_prefix}-prices");
    });

    private Task<IHost> StartAsync(Action<WolverineOptions> configure) =>
        Host.CreateDefaultBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .UseWolverine(options =>
            {
                options.UseRabbitMq(new Uri(broker.Uri)).AutoProvision()
                    .CustomizeDeadLetterQueueing(new DeadLetterQueue($"{_prefix}-dead"));
                configure(options);
            })
            .StartAsync();
}
