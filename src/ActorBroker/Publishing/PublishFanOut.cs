using ActorBroker.Core.Channels;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.Publishing;

/// <summary>
/// Gathers what one publisher sends between two flushes into one batch per queue, then tells each queue once.
/// </summary>
internal sealed class PublishFanOut(IPublisherCredit? publisher)
{
    private readonly List<EnqueueBatch> _open = [];
    private EnqueueBatch? _last;
    private int _next;
    private int _usual = 16; // messages per batch lately: the next array is rented to fit

    /// <summary>Bytes gathered since the last <see cref="Flush"/>, once per queue.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a message for all its queues. The caller's one reference is spread over them.</summary>
    /// <param name="message">The message.</param>
    /// <param name="targets">At least one queue.</param>
    /// <param name="confirm">The confirm that waits for it, or null.</param>
    /// <param name="tag">Its publish tag, 0 without confirms.</param>
    public void Add(in Message message, ReadOnlySpan<QueueAddress> targets, ConfirmBatch? confirm, ulong tag)
    {
        if (targets.Length == 1)
        {
            BatchFor((QueueHandle)targets[0], confirm).Add(message, tag);
        }
        else
        {
            var shared = message;
            shared.Flags |= MessageFlags.Shared;
            shared.Copies = (ushort)Math.Min(targets.Length, ushort.MaxValue);
            shared.Owner?.Retain(targets.Length - 1);
            foreach (var target in targets)
            {
                BatchFor((QueueHandle)target, confirm).Add(shared, tag);
            }
        }

        Bytes += (long)message.Length * targets.Length;
    }

    /// <summary>
    /// Hands every batch to its queue: one Tell each. A queue that went off the tables since it was routed to is passed by here, so that
    /// what goes to its successor in the same turn stays behind it.
    /// </summary>
    public void Flush()
    {
        if (_open.Count == 0)
        {
            return;
        }

        foreach (var batch in _open)
        {
            _usual = Math.Clamp(batch.Count, 16, 1024);
            if (batch.Queue.Gone is { } gone)
            {
                gone.SendOn(batch);
                batch.Answer();
                continue;
            }

            batch.Queue.Actor.Tell(batch, ActorRefs.NoSender);
        }

        _open.Clear();
        _last = null;
        Bytes = 0;
    }

    private EnqueueBatch BatchFor(QueueHandle queue, ConfirmBatch? confirm)
    {
        if (_last is { } last && last.Queue == queue && last.Confirm == confirm)
        {
            return last;
        }

        for (var i = 0; i < _open.Count; i++)
        {
            _next = _next < _open.Count ? _next : 0; // targets come in the same order again and again: the next one is likely it
            var open = _open[_next++];
            if (open.Queue == queue && open.Confirm == confirm)
            {
                return _last = open;
            }
        }

        confirm?.Expect();
        var batch = new EnqueueBatch(queue, publisher, confirm, _usual);
        _open.Add(batch);
        return _last = batch;
    }
}
