using ActorBroker.Client;
using Akka.Actor;

namespace ActorBroker.Readme.Tests;

/// <summary>README: an actor as a consumer.</summary>
public static class ActorSample
{
    // actor
    public sealed class Packer : ReceiveActor // its death gives back what it held
    {
        public Packer() => Receive<Delivery>(order =>
        {
            Console.WriteLine($"packing {order.Text}");
            order.Ack();
        });
    }
    // end

    public static Task<IConsumer> RunAsync(IBroker broker, ActorSystem system) =>
        broker.ConsumeAsync("orders.eu", system.ActorOf(Props.Create(() => new Packer())), new ConsumerOptions { Prefetch = 20 });
}
