namespace ActorBroker.Core.Queues;

/// <summary>
/// Whose turn it is: among the consumers of the highest priority that can take a message, one after the other in the order in which
/// they came. With a single active consumer only the first one counts; when it is gone, the next of the highest priority follows.
/// </summary>
internal sealed class ConsumerRotation(bool singleActive)
{
    private readonly List<List<QueueConsumer>> _groups = []; // by priority, highest first
    private readonly List<QueueConsumer> _arrivals = [];
    private readonly List<int> _turns = [];

    /// <summary>Consumers that are neither cancelled nor gone.</summary>
    public int Count => _arrivals.Count;

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<QueueConsumer> All => _arrivals;

    /// <summary>The one that gets everything when the queue has a single active consumer.</summary>
    public QueueConsumer? Active { get; private set; }

    /// <summary>Is one of them exclusive?</summary>
    public bool HasExclusive => _arrivals.Count == 1 && _arrivals[0].Exclusive;

    public void Add(QueueConsumer consumer)
    {
        _arrivals.Add(consumer);
        Active = singleActive ? Active ?? consumer : null;
        var at = _groups.FindIndex(g => g[0].Priority <= consumer.Priority);
        if (at >= 0 && _groups[at][0].Priority == consumer.Priority)
        {
            _groups[at].Add(consumer);
            return;
        }

        at = at < 0 ? _groups.Count : at;
        _groups.Insert(at, [consumer]);
        _turns.Insert(at, 0);
    }

    /// <returns>False when it was not in the rotation.</returns>
    public bool Remove(QueueConsumer consumer)
    {
        if (!_arrivals.Remove(consumer))
        {
            return false;
        }

        var at = _groups.FindIndex(g => g[0].Priority == consumer.Priority);
        var place = _groups[at].IndexOf(consumer);
        _groups[at].RemoveAt(place);
        if (place < _turns[at])
        {
            _turns[at]--; // the one whose turn it is keeps it
        }

        if (_groups[at].Count == 0)
        {
            _groups.RemoveAt(at);
            _turns.RemoveAt(at);
        }

        if (Active == consumer)
        {
            Active = _groups.Count > 0 ? _groups[0][0] : null;
        }

        return true;
    }

    /// <summary>The consumer that takes the next message, or null when none can.</summary>
    /// <param name="alone">True when no other consumer could come between: it may take a run.</param>
    public QueueConsumer? Next(out bool alone)
    {
        if (Active is { } active)
        {
            alone = true;
            return active.CanTake ? active : null;
        }

        alone = _arrivals.Count == 1;
        for (var g = 0; g < _groups.Count; g++)
        {
            var group = _groups[g];
            var turn = _turns[g];
            for (var i = 0; i < group.Count; i++)
            {
                turn = turn < group.Count ? turn : 0;
                var consumer = group[turn++];
                if (consumer.CanTake)
                {
                    _turns[g] = turn;
                    return consumer;
                }
            }
        }

        return null;
    }
}
