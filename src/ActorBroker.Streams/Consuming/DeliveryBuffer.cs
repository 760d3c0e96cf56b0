using ActorBroker.Client;
using ActorBroker.Consumers;
using Akka.Actor;

namespace ActorBroker.Streams.Consuming;

/// <summary>
/// What the broker has delivered and the stream not taken: the consumer's actor fills it, the stage takes all of it at once, and is woken
/// only when it found nothing before.
/// </summary>
/// <param name="wake">Tells the stage to look again; any thread.</param>
internal sealed class DeliveryBuffer(Action wake) : IDeliverySink
{
    private const long MaxBytes = 4 << 20; // the prefetch bounds the number only

    private readonly Lock _lock = new();
    private List<Delivery> _waiting = [];
    private long _bytes;
    private IActorRef? _heldBack;
    private ClientConsumer? _consumer;
    private bool _starving = true;
    private bool _ended;
    private bool _closed;

    /// <inheritdoc/>
    public bool IsFull => Volatile.Read(ref _bytes) >= MaxBytes;

    /// <summary>No delivery follows.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    /// <inheritdoc/>
    public void WhenDrained(IActorRef consumer)
    {
        lock (_lock)
        {
            if (_bytes >= MaxBytes)
            {
                _heldBack = consumer;
                return;
            }
        }

        consumer.Tell(ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);
    }

    /// <inheritdoc/>
    public void Deliver(Delivery delivery)
    {
        bool starving;
        lock (_lock)
        {
            _waiting.Add(delivery);
            _bytes += delivery.Body.Length;
            starving = _starving;
            _starving = false;
        }

        if (starving)
        {
            wake();
        }
    }

    /// <inheritdoc/>
    public Task Ended(IConsumer consumer)
    {
        lock (_lock)
        {
            Volatile.Write(ref _ended, true);
            _starving = false;
        }

        wake();
        return Task.CompletedTask;
    }

    /// <summary>All that waits, in exchange for a list that is used up.</summary>
    /// <returns>False when there is nothing; the stage will be woken.</returns>
    public bool Take(ref List<Delivery> taken)
    {
        IActorRef? heldBack;
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _starving = true;
                return false;
            }

            taken.Clear();
            (taken, _waiting) = (_waiting, taken);
            _bytes = 0;
            (heldBack, _heldBack) = (_heldBack, null);
        }

        heldBack?.Tell(ConsumerProtocol.Drained.Instance, ActorRefs.NoSender);
        return true;
    }

    /// <summary>The consumer is in place; closed at once when the stream has ended meanwhile.</summary>
    public void Attach(ClientConsumer consumer)
    {
        lock (_lock)
        {
            _consumer = consumer;
            if (!_closed)
            {
                return;
            }
        }

        consumer.Close();
    }

    /// <summary>The stream has ended: what is not settled goes back.</summary>
    public void Close()
    {
        ClientConsumer? consumer;
        lock (_lock)
        {
            _closed = true;
            consumer = _consumer;
        }

        consumer?.Close();
    }
}
