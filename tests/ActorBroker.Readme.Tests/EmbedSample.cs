using System.Text;
using ActorBroker.Client;
using ActorBroker.Hosting;
using ActorBroker.Listener;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ActorBroker.Readme.Tests;

/// <summary>README: embed it.</summary>
internal static class EmbedSample
{
    public static async Task<WebApplication> StartAsync()
    {
        // embed
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddAkka("shop", akka => akka.WithActorBroker(broker => broker
            .UseSqlite("shop-data") // leave out: in memory
            .ListenAmqp(5673) // leave out: for this process only
            .Declare(t => t.Exchange("orders").Queue("orders.eu", new() { MaxLength = 100_000 }).Bind("orders", "orders.eu", "eu.#"))));
        builder.Services.AddBrokerClient();
        var app = builder.Build();
        app.MapPost("/orders/{country}", (string country, string what, IBroker broker) =>
            broker.PublishAsync("orders", $"eu.{country}", Encoding.UTF8.GetBytes(what))); // answers when it is committed and synced
        await app.StartAsync();
        // end

        return app;
    }
}
