using System.Threading.Channels;
using ActorBroker.Consumers;
using ActorBroker.Core.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Client;

/// <summary>Deliveries go to a function, one after the other.</summary>
internal sealed class HandlerSink : IDeliverySink
{
    private const int Most = 1000; // with automatic acks no prefetch bounds what waits here

    private readonly Channel<Delivery> _waiting = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<Delivery, Task> _handler;
    private readonly ILoggingAdapter _log;
    private readonly Task _running;
    private IActorRef? _heldBack;
    private int _count;

    public HandlerSink(Func<Delivery, Task> handler, ILoggingAdapter log)
    {
        _handler = handler;
        _log = log;
        _running = Run();
    }

    public bool IsFull => Volatile.Read(ref _count) >= Most;

    public void WhenDrained(IActorRef consumer)
    {
        Volatile.Write(ref _heldBack, consumer);
        Interlocked.MemoryBarrier();
        WakeIfDrained();
    }

    public void Deliver(Delivery delivery)
    {
        Interlocked.Increment(ref _count);
        _waiting.Writer.TryWrite(delivery);
    }

    public Task Ended(IConsumer consumer)
    {
        _waiting.Writer.TryComplete();
        return _running;
    }

    private async Task Run()
    {
        await foreach (var delivery in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _count);
            WakeIfDrained();
            if (!delivery.IsBack)
            {
                await Handle(delivery).ConfigureAwait(false);
            }
        }
    }

    private async Task Handle(Delivery delivery)
    {
        try
        {
            await _handler(delivery).ConfigureAwait(false);
            delivery.TrySettle(Outcome.Ack);
        }
        catch (Exception fault)
        {
            _log.Warning(fault, "the handler of queue '{0}' failed; the message goes back to the queue", delivery.Queue);
            delivery.TrySettle(Outcome.Requeue);
        }
    }

    private void WakeIfDrained()
    {
        if (Volatile.Read(ref _count) <= Most / 2)
        {
            Interlocked.Exchange(ref _heldBack, null)?.Tell(ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);
        }
    }
}
