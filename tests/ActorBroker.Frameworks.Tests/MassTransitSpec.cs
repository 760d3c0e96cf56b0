using System.Text;
using ActorBroker.Tests.Shared;
using MassTransit;
using RabbitMQ.Client;

namespace ActorBroker.Frameworks.Tests;

/// <summary>MassTransit as its users run it: durable queues, exchanges bound to exchanges, confirms.</summary>
[Collection(BrokerCollection.Name)]
public sealed class MassTransitSpec(BrokerProcess broker) : IAsyncLifetime
{
    private const int Count = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _prefix = $"clients-masstransit-{Guid.NewGuid():N}";
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker.Uri), AutomaticRecoveryEnabled = false };
        _connection = await factory.CreateConnectionAsync("observer");
        _channel = await _connection.CreateChannelAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var name in from name in (string[])["mail", "sms", "stock", "card", "faults", "prices"]
                             from suffix in (string[])["", "_error", "_skipped"]
                             select $"{_prefix}-{name}{suffix}")
        {
            await _channel.QueueDeleteAsync(name);
            await _channel.ExchangeDeleteAsync(name);
        }

        foreach (var type in (string[])["OrderPlaced", "ReserveStock", "ChargeCard", "PriceOf", "Price"])
        {
            var name = $"{typeof(OrderPlaced).Namespace}:{type}";
            await _channel.ExchangeDeleteAsync(name);
            await _channel.ExchangeDeleteAsync($"MassTransit:Fault--{name}--");
        }

        await _channel.ExchangeDeleteAsync("MassTransit:Fault");
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Every_subscriber_gets_every_published_message()
    {
        var mail = new Handled<int>();
        var sms = new Handled<int>();
        await using var bus = await StartAsync(endpoints =>
        {
            endpoints("mail", e => e.Handler<OrderPlaced>(context => mail.Add(context.Message.Number)));
            endpoints("sms", e => e.Handler<OrderPlaced>(context => sms.Add(context.Message.Number)));
        });

        await Task.WhenAll(Enumerable.Range(0, Count).Select(number => bus.Control.Publish(new OrderPlaced(number))));
        Assert.Equal(Enumerable.Range(0, Count), (await mail.TakeAsync(Count, Limit)).Order());
        Assert.Equal(Enumerable.Range(0, Count), (await sms.TakeAsync(Count, Limit)).Order());
    }

    [Fact]
    public async Task A_handler_that_fails_twice_is_tried_again_and_leaves_nothing_behind()
    {
        var attempts = new Handled<int>();
        await using var bus = await StartAsync(endpoints => endpoints("stock", e =>
        {
            e.UseMessageRetry(retry => retry.Immediate(3));
            e.Handler<ReserveStock>(async context =>
            {
                await attempts.Add(context.GetRetryAttempt());
                if (context.GetRetryAttempt() < 2)
                {
                    throw new InvalidOperationException("not yet");
                }
            });
        }));

        await bus.Control.Publish(new ReserveStock(1));
        Assert.Equal((int[])[0, 1, 2], await attempts.TakeAsync(3, Limit));
        await bus.Control.StopAsync();
        Assert.Equal(0u, await _channel.MessageCountAsync($"{_prefix}-stock"));
    }

    [Fact]
    public async Task A_handler_that_always_fails_sends_its_message_to_the_error_queue_and_tells_of_the_fault()
    {
        var faults = new Handled<string>();
        await using var bus = await StartAsync(endpoints =>
        {
            endpoints("card", e => e.Handler<ChargeCard>(_ => throw new InvalidOperationException("no funds")));
            endpoints("faults", e => e.Handler<Fault<ChargeCard>>(
                context => faults.Add($"{context.Message.Message.Number} {context.Message.Exceptions[0].Message}")));
        });

        await bus.Control.Publish(new ChargeCard(7));
        Assert.Equal((string[])["7 no funds"], await faults.TakeAsync(1, Limit));
        await bus.Control.StopAsync();
        var moved = await _channel.BasicGetAsync($"{_prefix}-card_error", autoAck: true);
        Assert.NotNull(moved);
        var reason = Assert.IsType<byte[]>(moved.BasicProperties.Headers!["MT-Fault-Message"]);
        Assert.Equal("no funds", Encoding.UTF8.GetString(reason));
        Assert.Equal(0u, await _channel.MessageCountAsync($"{_prefix}-card"));
    }

    [Fact]
    public async Task A_request_gets_its_response()
    {
        await using var bus = await StartAsync(endpoints => endpoints("prices", e => e.Handler<PriceOf>(
            context => context.RespondAsync(new Price(context.Message.Article, context.Message.Article.Length)))));
        var client = bus.Control.CreateRequestClient<PriceOf>(
            new Uri($"queue:{_prefix}-prices"), RequestTimeout.After(s: (int)Limit.TotalSeconds));

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(
            length => client.GetResponse<Price>(new PriceOf(new string('a', length)))));
        Assert.Equal(Enumerable.Range(1, 20).Select(length => (decimal)length), answers.Select(a => a.Message.Amount));
    }

    private async Task<RunningBus> StartAsync(
        Action<Action<string, Action<IRabbitMqReceiveEndpointConfigurator>>> endpoints)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configurator =>
        {
            configurator.Host(broker.Host, (ushort)broker.Port, "/", host =>
            {
                host.Username("guest");
                host.Password("guest");
            });
            endpoints((name, configure) => configurator.ReceiveEndpoint($"{_prefix}-{name}", configure));
        });
        await bus.StartAsync().WaitAsync(Limit);
        return new RunningBus(bus);
    }

    /// <summary>Stops the bus however the test ends.</summary>
    private sealed record RunningBus(IBusControl Control) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(Control.StopAsync(Limit));
    }
}
