using System.Runtime.CompilerServices;
using ActorBroker.Addresses;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Publishing;

/// <summary>
/// Gathers what one publisher sends between two flushes into one batch per queue, then tells each queue once.
/// </summary>
internal sealed class PublishFanOut(IPublisherCredit? publisher)
{
    private const int LinearLimit = 16;
    private const int LargeTable = 4096;

    private readonly List<EnqueueBatch> _open = [];
    private readonly Dictionary<(QueueHandle, ConfirmBatch?), EnqueueBatch> _byTarget = []; // when there are many
    private EnqueueBatch? _last;
    private int _next;
    private int _usual = 16; // messages per batch lately: the next array is rented to fit

    /// <summary>Open batches that were compared so far: what finding one has cost.</summary>
    internal long Looks { get; private set; }

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
            var isFirst = _open.Count == 0; // then each of its targets is new
            foreach (var target in targets)
            {
                var queue = Unsafe.As<QueueHandle>(target); // there is no other kind
                var batch = isFirst ? Open(queue, confirm) : Expected(queue, confirm) ?? BatchFor(queue, confirm);
                batch.Add(shared, tag);
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
        if (_byTarget.Count > 0)
        {
            _byTarget.Clear();
            if (_byTarget.Capacity > LargeTable)
            {
                _byTarget.TrimExcess(); // else each later turn would clear it
            }
        }

        _last = null;
        _next = 0;
        Bytes = 0;
    }

    /// <summary>Targets come in the same order again and again: the next open batch is likely the one.</summary>
    private EnqueueBatch? Expected(QueueHandle queue, ConfirmBatch? confirm)
    {
        var next = _next < _open.Count ? _next : 0;
        var open = _open[next];
        if (open.Queue != queue || open.Confirm != confirm)
        {
            return null;
        }

        Looks++;
        _next = next + 1;
        return open;
    }

    private EnqueueBatch BatchFor(QueueHandle queue, ConfirmBatch? confirm)
    {
        if (_last is { } last && last.Queue == queue && last.Confirm == confirm)
        {
            return last;
        }

        return Find(queue, confirm) is { } known ? _last = known : Open(queue, confirm);
    }

    private EnqueueBatch Open(QueueHandle queue, ConfirmBatch? confirm)
    {
        confirm?.Expect();
        var batch = new EnqueueBatch(queue, publisher, confirm, _usual);
        _open.Add(batch);
        return _last = batch;
    }

    private EnqueueBatch? Find(QueueHandle queue, ConfirmBatch? confirm)
    {
        var tries = _open.Count <= LinearLimit ? _open.Count : 1;
        for (var i = 0; i < tries; i++)
        {
            Looks++;
            _next = _next < _open.Count ? _next : 0;
            var open = _open[_next++];
            if (open.Queue == queue && open.Confirm == confirm)
            {
                return open;
            }
        }

        return _open.Count > LinearLimit ? FindAmongMany(queue, confirm) : null;
    }

    private EnqueueBatch? FindAmongMany(QueueHandle queue, ConfirmBatch? confirm)
    {
        for (var i = _byTarget.Count; i < _open.Count; i++)
        {
            Looks++;
            _byTarget.Add((_open[i].Queue, _open[i].Confirm), _open[i]);
        }

        return _byTarget.GetValueOrDefault((queue, confirm));
    }
}
