using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Core.Batching;

/// <summary>Batches that are left unwritten for a while: those of one queue in their order, queues by whose grace ends first.</summary>
internal sealed class GraceLine
{
    private readonly PriorityQueue<BatchedQueue, long> _queues = new(); // each once, by when its first batch was due as it was put here

    /// <summary>None is left; those that have nothing to write any more may still count.</summary>
    public bool IsEmpty => _queues.Count == 0;

    /// <summary>When the next one may be due; null when none is left.</summary>
    public TimeSpan? Ends => _queues.TryPeek(out _, out var due) ? new TimeSpan(due) : null;

    /// <summary>Adds a batch, behind those of its queue that are here.</summary>
    public void Add(BatchedQueue queue, ILogBatch batch, TimeSpan due)
    {
        var graced = queue.Graced ??= new Queue<(ILogBatch Batch, TimeSpan Due)>();
        queue.GracedUntil = due > queue.GracedUntil ? due : queue.GracedUntil;
        graced.Enqueue((batch, queue.GracedUntil));
        if (!queue.IsInGraceLine)
        {
            queue.IsInGraceLine = true;
            _queues.Enqueue(queue, queue.GracedUntil.Ticks);
        }
    }

    /// <summary>Ends the grace of a queue's batches.</summary>
    public static void End(BatchedQueue queue, Queue<ILogBatch> ended)
    {
        while (queue.HasGraced)
        {
            ended.Enqueue(queue.Graced!.Dequeue().Batch);
        }
    }

    /// <summary>The next one whose grace has ended.</summary>
    public bool TryTake(TimeSpan now, [NotNullWhen(true)] out ILogBatch? batch)
    {
        while (_queues.TryPeek(out var queue, out var queuedFor))
        {
            if (!queue.HasGraced)
            {
                _queues.Dequeue();
                queue.IsInGraceLine = false;
            }
            else if (queue.Graced!.Peek().Due is var due && due <= now)
            {
                batch = queue.Graced.Dequeue().Batch;
                return true;
            }
            else if (due.Ticks > queuedFor)
            {
                _queues.DequeueEnqueue(queue, due.Ticks);
            }
            else
            {
                break;
            }
        }

        batch = null;
        return false;
    }
}
