using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>
/// When the waiting messages of a queue expire, soonest first; those of one moment in the order of the queue.
/// </summary>
/// <remarks>
/// A message that leaves before its time is not looked for here: its entry is passed over when its time comes. So that a queue
/// with a long time to live does not remember all that went through it, such entries are dropped once they are the most part.
/// </remarks>
internal sealed class ExpiryQueue(ReadyMessages ready)
{
    private const int WorthDropping = 1024;

    private readonly PriorityQueue<(int Lane, long Position), (long At, long Position)> _entries = new();
    private readonly HashSet<(int Lane, long Position)> _known = [];
    private readonly List<(int Lane, long Position, long At)> _waiting = [];

    /// <summary>When the next message expires, in milliseconds of the caller's clock; null when none does.</summary>
    public long? Next => _entries.TryPeek(out _, out var next) ? next.At : null;

    /// <summary>A message waits, or waits again, and expires at that time.</summary>
    public void Add(int lane, long position, long at)
    {
        if (_entries.Count >= WorthDropping && _entries.Count > 4 * ready.Count)
        {
            DropStale();
        }

        _entries.Enqueue((lane, position), (at, position));
    }

    /// <summary>Takes out the next waiting message whose time is up, wherever it stands in the queue.</summary>
    /// <param name="now">The caller's clock, in milliseconds.</param>
    /// <param name="most">How many entries may be looked at; counted down.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when there is none, or no more may be looked at.</returns>
    public bool TryExpire(long now, ref int most, out Message message)
    {
        while (most > 0 && _entries.TryPeek(out var place, out var next) && next.At <= now)
        {
            most--;
            _entries.Dequeue();
            if (ready.TryRemove(place.Lane, place.Position, next.At, out message))
            {
                return true;
            }
        }

        message = default;
        return false;
    }

    /// <summary>Keeps one entry for each message that waits.</summary>
    private void DropStale()
    {
        foreach (var ((lane, position), (at, _)) in _entries.UnorderedItems)
        {
            if (ready.IsWaiting(lane, position, at) && _known.Add((lane, position)))
            {
                _waiting.Add((lane, position, at));
            }
        }

        _entries.Clear();
        foreach (var (lane, position, at) in _waiting)
        {
            _entries.Enqueue((lane, position), (at, position));
        }

        _known.Clear();
        _waiting.Clear();
    }
}
