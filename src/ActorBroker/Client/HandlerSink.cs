using System.Threading.Channels;
using ActorBroker.Consumers;
using ActorBroker.Core.Queues;
using ActorBroker.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Client;

/// <summary>
/// Deliveries go to a function, one after the other. What it throws on waits for a while, still held by the consumer, so that its end
/// gives it back, and then returns to its place in the queue.
/// </summary>
internal sealed class HandlerSink : IDeliverySink
{
    private const int Most = 1000; // with automatic acks no prefetch bounds what waits here

    private readonly Channel<Delivery> _waiting = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<Delivery, ICancelable> _paused = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IClientHost _broker;
    private readonly string _virtualHost;
    private readonly Func<Delivery, CancellationToken, Task> _handler;
    private readonly ConsumerOptions _options;
    private readonly HandlerFailures _failures;
    private readonly Task _running;
    private IActorRef? _heldBack;
    private Delivery? _begun;
    private bool _stopped;
    private bool _ending; // nothing comes any more, so that nothing need wait
    private int _count;

    public HandlerSink(IClientHost broker, string virtualHost, string queue, Func<Delivery, CancellationToken, Task> handler, ConsumerOptions options)
    {
        _broker = broker;
        _virtualHost = virtualHost;
        _handler = handler;
        _options = options;
        _failures = new HandlerFailures(Logging.GetLogger(broker.System, "actor-broker").OneLine(), broker.System.Scheduler.Advanced, queue);
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
        Drain();
        return _running;
    }

    /// <summary>Goes on with what it has; what it cannot handle goes back at once, as no more is coming.</summary>
    public void Drain()
    {
        foreach (var delivery in TakePaused())
        {
            delivery.TrySettle(Outcome.Requeue);
        }
    }

    /// <summary>Begins nothing more, and asks the handler to come to an end.</summary>
    /// <param name="begun">What the handler has.</param>
    /// <returns>False when nothing can go back, since it counts as acked: then it goes on with what it has.</returns>
    public bool TryStop(out Delivery? begun)
    {
        begun = null;
        if (_options.AutoAck)
        {
            return false;
        }

        lock (_lock)
        {
            _stopped = true;
            begun = _begun;
        }

        TakePaused(); // they go back with the rest
        _ = _stop.CancelAsync();
        return true;
    }

    /// <summary>Its consumer is closed: what it has is back in the queue.</summary>
    public void Abandon()
    {
        TakePaused();
        _ = _stop.CancelAsync();
    }

    private async Task Run()
    {
        await foreach (var delivery in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _count);
            WakeIfDrained();
            if (TryBegin(delivery))
            {
                await Handle(delivery).ConfigureAwait(false);
            }
        }
    }

    private bool TryBegin(Delivery delivery)
    {
        lock (_lock)
        {
            if (_stopped || delivery.IsBack)
            {
                return false;
            }

            _begun = delivery;
            return true;
        }
    }

    private async Task Handle(Delivery delivery)
    {
        try
        {
            await _handler(delivery, _stop.Token).ConfigureAwait(false);
            delivery.TrySettle(Outcome.Ack);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            delivery.TrySettle(Outcome.Requeue);
        }
        catch (Exception fault)
        {
            Failed(delivery, fault);
        }

        Volatile.Write(ref _begun, null);
    }

    private void Failed(Delivery delivery, Exception fault)
    {
        if (delivery.IsSettled)
        {
            _failures.Add(fault, delivery, _options.AutoAck ? "it counted as acked and is lost" : "it had been settled before");
            return;
        }

        var tries = delivery.DeliveryCount + 1;
        if (_options.MaxTries > 0 && tries >= _options.MaxTries && DeadLetterPlace.Has(_broker.FindVirtualHost(_virtualHost), delivery, _broker.System))
        {
            _failures.Add(fault, delivery, "it is dead-lettered");
            delivery.TrySettle(Outcome.Discard);
            return;
        }

        var pause = RetryPause.After(tries, _options.RetryDelay, _options.MaxRetryDelay);
        _failures.Add(fault, delivery, $"it goes back to the queue in {pause.TotalSeconds:0.###} s");
        if (!TryPause(delivery, pause))
        {
            delivery.TrySettle(Outcome.Requeue);
        }
    }

    private bool TryPause(Delivery delivery, TimeSpan pause)
    {
        lock (_lock)
        {
            if (_ending || pause <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                _paused[delivery] = _broker.System.Scheduler.Advanced.ScheduleOnceCancelable(pause, () => Resume(delivery));
                return true;
            }
            catch (SchedulerException)
            {
                return false; // the actor system ends
            }
        }
    }

    private void Resume(Delivery delivery)
    {
        lock (_lock)
        {
            _paused.Remove(delivery);
        }

        delivery.TrySettle(Outcome.Requeue);
    }

    private Delivery[] TakePaused()
    {
        lock (_lock)
        {
            _ending = true;
            Delivery[] paused = [.. _paused.Keys];
            foreach (var timer in _paused.Values)
            {
                timer.Cancel();
            }

            _paused.Clear();
            return paused;
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
