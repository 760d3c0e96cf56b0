using ActorBroker.Addresses;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>
/// Who holds deliveries of one queue inside the process: a consumer, or the getter of a client. What is settled goes to the queue in
/// one message for all that was settled meanwhile.
/// </summary>
internal class ClientHolder : IConsumerEndpoint, IDeliveryHolder
{
    private readonly Lock _lock = new();
    private readonly IActorRef _client;
    private QueueProtocol.Settle? _settling;
    private TaskCompletionSource? _allSettled;
    private long _unsettled;
    private long _begun;
    private bool _stopped; // it begins nothing more: all but _begun is back in the queue
    private bool _closed;

    public ClientHolder(IActorRef client, QueueHandle queue, ConsumerOptions options, string tag, bool getsOnly)
    {
        _client = client;
        Link = new ConsumerLink(
            queue, this, tag, options.AutoAck, options.Exclusive, options.AutoAck ? 0 : options.Prefetch, options.Priority, getsOnly, gate: null);
    }

    /// <summary>As the queue knows it.</summary>
    public ConsumerLink Link { get; }

    /// <inheritdoc/>
    public virtual bool IsCongested => false;

    /// <inheritdoc/>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>A delivery of that number is back in its queue, or about to be.</summary>
    public bool IsBack(long number) => IsClosed || (Volatile.Read(ref _stopped) && number != _begun);

    /// <summary>A verdict for the queue.</summary>
    /// <returns>False when the message is back in its queue.</returns>
    public bool Settle(long number, Outcome outcome)
    {
        bool first;
        lock (_lock)
        {
            if (IsBack(number))
            {
                return false;
            }

            first = _settling is null;
            _settling ??= new QueueProtocol.Settle(Link.Queue);
            _settling.Add(Link, number, outcome);
            if (--_unsettled <= 0)
            {
                _allSettled?.TrySetResult();
                _allSettled = null;
            }
        }

        if (first)
        {
            _client.Tell(this, ActorRefs.NoSender);
        }

        return true;
    }

    /// <summary>Completes when nothing that was handed out is unsettled, or it is closed.</summary>
    public Task WhenSettled()
    {
        lock (_lock)
        {
            return _closed || _unsettled <= 0
                ? Task.CompletedTask
                : (_allSettled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Tells the queue what was settled since the last time.</summary>
    public void TellQueue()
    {
        lock (_lock)
        {
            if (_settling is { } settling)
            {
                _settling = null;
                Link.Queue.Actor.Tell(settling, ActorRefs.NoSender);
            }
        }
    }

    /// <summary>Cancels it: no more deliveries, and what is not begun goes back in one step.</summary>
    /// <param name="begun">What it is working on, and keeps; null for nothing.</param>
    protected void ReturnAllBut(Delivery? begun)
    {
        lock (_lock)
        {
            if (_closed || _stopped)
            {
                return;
            }

            TellQueue();
            _begun = begun?.DeliveryTag ?? 0;
            _unsettled = begun is { IsSettled: false } ? 1 : 0;
            Volatile.Write(ref _stopped, true);
            Link.Queue.Actor.Tell(new QueueProtocol.Cancel(Link, _begun), ActorRefs.NoSender);
        }
    }

    /// <summary>Ends it at once; what is not settled goes back to the queue.</summary>
    public void Close() => Close([this]);

    /// <summary>
    /// Ends them together: each queue gets back in one step what they held, so that no message goes from one that ends to the next.
    /// </summary>
    public static void Close(IEnumerable<ClientHolder> holders)
    {
        ClientHolder[] closing = [.. holders.Where(static h => h.TryLeave())];
        foreach (var perQueue in closing.Where(static h => !h.Link.Queue.IsReplyAddress).GroupBy(static h => h.Link.Queue))
        {
            perQueue.Key.Actor.Tell(new QueueProtocol.ChannelGone([.. perQueue.Select(static h => h.Link)]), ActorRefs.NoSender);
        }

        foreach (var holder in closing)
        {
            holder._client.Tell(new ClientProtocol.Closed(holder.Link), ActorRefs.NoSender);
            holder.Ended();
        }
    }

    /// <summary>What basic.get found, for the one who asked.</summary>
    public Delivery? Take(QueueProtocol.GetResult got)
    {
        lock (_lock)
        {
            if (!got.Found || _closed)
            {
                return null;
            }

            var delivery = new Delivery(this, got.Message, got.Number);
            if (Link.NoAck)
            {
                got.Message.Release();
            }
            else
            {
                _unsettled++;
            }

            return delivery;
        }
    }

    /// <inheritdoc/>
    public void Deliver(ConsumerLink consumer, ReadOnlySpan<Message> messages, long firstNumber, long bytes)
    {
        lock (_lock)
        {
            if (_closed || _stopped)
            {
                return; // they are back in the queue, and their memory may be another's by now
            }

            _unsettled += Link.NoAck ? 0 : messages.Length;
            foreach (ref readonly var message in messages)
            {
                Deliver(new Delivery(this, message, firstNumber++));
            }
        }
    }

    /// <inheritdoc/>
    public virtual void WhenDrained(IActorRef consumer)
    {
    }

    /// <inheritdoc/>
    public void Subscribed(ConsumerLink consumer)
    {
    }

    /// <inheritdoc/>
    public void Cancelled(ConsumerLink consumer) => Ended();

    /// <inheritdoc/>
    public void CancelledByBroker(ConsumerLink consumer) => Ended();

    /// <returns>False when it is closed already.</returns>
    private bool TryLeave()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            TellQueue();
            Volatile.Write(ref _closed, true);
            _allSettled?.TrySetResult();
            return true;
        }
    }

    /// <summary>A message for whoever consumes. Quick, and must not throw.</summary>
    protected virtual void Deliver(Delivery delivery)
    {
    }

    /// <summary>No delivery will follow. Maybe more than once.</summary>
    protected virtual void Ended()
    {
    }
}
