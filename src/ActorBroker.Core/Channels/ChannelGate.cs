namespace ActorBroker.Core.Channels;

/// <summary>
/// What all consumers of one channel share: the limit of <c>basic.qos</c> with <c>global</c>, and the pause of <c>channel.flow</c>.
/// Queues of different actors take from it, so it is guarded by a lock; a channel without either pays one interlocked add a batch.
/// </summary>
internal sealed class ChannelGate
{
    private readonly Lock _lock = new();
    private readonly HashSet<object> _waiting = [];
    private int _unacked;
    private int _limit;
    private bool _paused;
    private volatile bool _active;

    /// <summary>True when a limit or a pause is in force; otherwise <see cref="Count"/> is enough.</summary>
    public bool Active => _active;

    /// <summary>Deliveries went out past an inactive gate.</summary>
    public void Count(int deliveries) => Interlocked.Add(ref _unacked, deliveries);

    /// <summary>Takes a place for one delivery that will wait for its ack.</summary>
    /// <param name="consumer">Told again, through what <see cref="Return"/> and <see cref="Set"/> give back, when there is none now.</param>
    /// <param name="counted">False for a no-ack consumer: it takes no place, but a pause holds it, too.</param>
    public bool TryTake(object consumer, bool counted)
    {
        lock (_lock)
        {
            if (_paused || (counted && _limit > 0 && Volatile.Read(ref _unacked) >= _limit))
            {
                _waiting.Add(consumer);
                return false;
            }

            if (counted)
            {
                Interlocked.Increment(ref _unacked);
            }

            return true;
        }
    }

    /// <summary>Deliveries were settled or went back.</summary>
    /// <returns>Consumers that waited and whose queues must be told.</returns>
    public object[] Return(int deliveries)
    {
        Interlocked.Add(ref _unacked, -deliveries);
        return _active ? Waiters() : [];
    }

    /// <summary>Sets the shared limit (0 for none) and the pause.</summary>
    /// <returns>Consumers that waited and whose queues must be told.</returns>
    public object[] Set(int? limit = null, bool? paused = null)
    {
        lock (_lock)
        {
            _limit = limit ?? _limit;
            _paused = paused ?? _paused;
            _active = _limit > 0 || _paused;
        }

        return Waiters();
    }

    private object[] Waiters()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return [];
            }

            object[] waiters = [.. _waiting];
            _waiting.Clear();
            return waiters;
        }
    }
}
