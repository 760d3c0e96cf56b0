using System.Text;
using ActorBroker;
using ActorBroker.Listener;
using ActorBroker.Streams;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddActorBroker(o => o.UseSqlite("shop-data").ListenAmqp(0).Declare(t => t.Queue("orders")));
var app = builder.Build();
await app.StartAsync();
var broker = app.Services.GetRequiredService<IBroker>();
await broker.PublishAsync("", "orders", Encoding.UTF8.GetBytes("one coffee"));
var system = app.Services.GetRequiredService<ActorSystem>();
var first = await BrokerSource.AtMostOnce(broker, "orders").RunWith(Sink.First<Delivery>(), system.Materializer());
Console.WriteLine($"{first.Text} on port {AmqpEndpoint.For(system).Endpoints[0].Port > 0}");
await app.StopAsync();
