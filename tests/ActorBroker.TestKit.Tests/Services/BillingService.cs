using System.Collections.Concurrent;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorBroker.TestKit.Tests.Services;

/// <summary>Somebody owes us something.</summary>
public sealed record BillRequested(string Customer);

/// <summary>Bills that were written, with how often.</summary>
public sealed class BillBook
{
    public ConcurrentDictionary<string, int> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>What happens before a bill is written.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;
}

/// <summary>Writes a bill.</summary>
public sealed class BillWriter(BillBook book) : IConsumer<BillRequested>
{
    public async Task Consume(ConsumeContext<BillRequested> context)
    {
        await book.Before(context.Message.Customer);
        book.Written.AddOrUpdate(context.Message.Customer, 1, (_, times) => times + 1);
    }
}

/// <summary>A service as somebody would write it with MassTransit.</summary>
internal sealed class BillingService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BillingService(WebApplication app) => _app = app;

    public BillBook Book => _app.Services.GetRequiredService<BillBook>();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<BillingService> StartAsync(Uri broker)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<BillBook>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddConsumer<BillWriter>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker);
                rabbit.ReceiveEndpoint("bills", endpoint => endpoint.ConfigureConsumer<BillWriter>(context));
            });
        });
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
        var app = builder.Build();
        app.MapPost("/bills/{customer}", (string customer, IPublishEndpoint publish) => publish.Publish(new BillRequested(customer)));
        await app.StartAsync();
        return new BillingService(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
