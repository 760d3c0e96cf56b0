namespace ActorBroker.Core.Channels;

/// <summary>
/// What all consumers of one channel share: the limit of <c>basic.qos</c> with <c>global</c>, and the pause of <c>channel.flow</c>.
/// Queues of different actors take from it, so it is guarded by a lock; a channel without either pays one interlocked add a batch.
/// </summary>
/// <remarks>
/// Who finds no place stands in line. A place that becomes free is kept for the first in line, who is told; whoever is told takes the
/// place or hands it on by <see cref="Decline"/>. So nobody stands in line while a place is free, and no busy queue overtakes another.
/// </remarks>
internal sealed class ChannelGate
{
    private readonly Lock _lock = new();
    private readonly LinkedList<object> _line = [];
    private readonly Dictionary<object, LinkedListNode<object>> _places = []; // in that line, or kept for the next time
    private readonly HashSet<object> _called = []; // a place is kept for each of them
    private int _unacked;
    private int _limit;
    private bool _paused;
    private volatile bool _active;

    /// <summary>True when a limit or a pause is in force; otherwise <see cref="Count"/> is enough.</summary>
    public bool Active => _active;

    /// <summary>Deliveries went out past an inactive gate.</summary>
    public void Count(int deliveries) => Interlocked.Add(ref _unacked, deliveries);

    /// <summary>Takes a place for one delivery that will wait for its ack.</summary>
    /// <param name="consumer">Stands in line when there is none now, and is among those that a later call gives back.</param>
    /// <param name="counted">False for a no-ack consumer: it takes no place, but waits for one, too.</param>
    public bool TryTake(object consumer, bool counted)
    {
        lock (_lock)
        {
            var isCalled = _called.Contains(consumer);
            if (_paused || !(isCalled || HasRoom))
            {
                if (!isCalled)
                {
                    Wait(consumer);
                }

                return false;
            }

            if (counted)
            {
                _called.Remove(consumer); // one without acks keeps the place until its queue has no more for it
                Interlocked.Increment(ref _unacked);
            }

            return true;
        }
    }

    /// <summary>Deliveries were settled or went back.</summary>
    /// <returns>Consumers that a place is kept for now; their queues must be told.</returns>
    public object[] Return(int deliveries)
    {
        Interlocked.Add(ref _unacked, -deliveries);
        if (!_active)
        {
            return [];
        }

        lock (_lock)
        {
            return Call();
        }
    }

    /// <summary>The queue of a consumer that was told has had its round: a place it did not take is for the next in line.</summary>
    /// <returns>As of <see cref="Return"/>.</returns>
    public object[] Decline(object consumer)
    {
        lock (_lock)
        {
            return !_paused && _called.Remove(consumer) ? Call() : []; // after a pause it is told again
        }
    }

    /// <summary>The consumer gets no more.</summary>
    /// <returns>As of <see cref="Return"/>.</returns>
    public object[] Leave(object consumer)
    {
        lock (_lock)
        {
            if (_places.Remove(consumer, out var place))
            {
                place.List?.Remove(place);
            }

            return _called.Remove(consumer) ? Call() : [];
        }
    }

    /// <summary>Sets the shared limit (0 for none) and the pause.</summary>
    /// <returns>As of <see cref="Return"/>.</returns>
    public object[] Set(int? limit = null, bool? paused = null)
    {
        lock (_lock)
        {
            object[] again = _paused && paused == false ? [.. _called] : [];
            _limit = limit ?? _limit;
            _paused = paused ?? _paused;
            _active = _limit > 0 || _paused;
            return [.. again, .. Call()];
        }
    }

    private bool HasRoom => _limit == 0 || Volatile.Read(ref _unacked) + _called.Count < _limit;

    private void Wait(object consumer)
    {
        if (!_places.TryGetValue(consumer, out var place))
        {
            _places.Add(consumer, place = new LinkedListNode<object>(consumer));
        }

        if (place.List is null)
        {
            _line.AddLast(place);
        }
    }

    private object[] Call()
    {
        if (_paused)
        {
            return [];
        }

        if (_limit == 0)
        {
            _called.Clear();
        }

        var free = _limit == 0 ? _line.Count : Math.Min(_line.Count, _limit - Volatile.Read(ref _unacked) - _called.Count);
        if (free <= 0)
        {
            return [];
        }

        var called = new object[free];
        for (var i = 0; i < free; i++)
        {
            called[i] = _line.First!.Value;
            _line.RemoveFirst();
            if (_limit > 0)
            {
                _called.Add(called[i]);
            }
        }

        return called;
    }
}
