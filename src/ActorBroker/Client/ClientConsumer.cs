using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>A consumer inside the process.</summary>
internal sealed class ClientConsumer(IActorRef client, QueueHandle queue, ConsumerOptions options, string tag, IDeliverySink sink)
    : ClientHolder(client, queue, options, tag, getsOnly: false), IConsumer
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
    public Task CancelAsync()
    {
        if (Interlocked.Exchange(ref _cancelled, 1) == 0)
        {
            Link.Queue.Actor.Tell(new QueueProtocol.Cancel(Link), ActorRefs.NoSender);
        }

        return Completion;
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
    }

    private async Task Complete()
    {
        await sink.Ended(this).ConfigureAwait(false);
        _completion.TrySetResult();
    }
}
