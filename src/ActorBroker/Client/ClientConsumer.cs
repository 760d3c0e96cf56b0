using ActorBroker.Addresses;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>A consumer inside the process.</summary>
internal sealed class ClientConsumer(IActorRef client, QueueHandle queue, ConsumerOptions options, string tag, IDeliverySink sink)
    : ClientHolder(client, queue, options, tag, getsOnly: false), IConsumer
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HandlerSink? _handler = sink as HandlerSink;
    private int _ended;
    private int _cancelled;

    /// <inheritdoc/>
    public string Queue => Link.Queue.Name;

    /// <inheritdoc/>
    public string Tag => Link.Tag;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <inheritdoc/>
    public override bool IsCongested => sink.IsFull;

    /// <inheritdoc/>
    public async Task CancelAsync(bool drain = false, CancellationToken cancellation = default)
    {
        if (!drain)
        {
            Stop();
            await Completion.WaitAsync(cancellation).ConfigureAwait(false);
            return;
        }

        _handler?.Drain();
        Cancel();
        try
        {
            await Completion.WaitAsync(cancellation).ConfigureAwait(false);
            await WhenSettled().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Stop();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close();
        await Completion.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void WhenDrained(IActorRef consumer) => sink.WhenDrained(consumer);

    /// <inheritdoc/>
    protected override void Deliver(Delivery delivery) => sink.Deliver(delivery);

    /// <inheritdoc/>
    protected override void Ended()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _ = Complete();
        }
        else if (IsClosed)
        {
            _handler?.Abandon(); // closed while it drained
        }
    }

    /// <summary>Begins nothing more. An actor or a stream has begun all that it has got.</summary>
    private void Stop()
    {
        if (_handler is not null && _handler.TryStop(out var begun))
        {
            ReturnAllBut(begun);
        }
        else
        {
            Cancel();
        }
    }

    private void Cancel()
    {
        if (Interlocked.Exchange(ref _cancelled, 1) == 0)
        {
            Link.Queue.Actor.Tell(new QueueProtocol.Cancel(Link), ActorRefs.NoSender);
        }
    }

    private async Task Complete()
    {
        if (IsClosed)
        {
            _handler?.Abandon();
        }

        await sink.Ended(this).ConfigureAwait(false);
        if (_handler is not null)
        {
            Close(); // nothing is left to settle: its client need not remember it
        }

        _completion.TrySetResult();
    }
}
