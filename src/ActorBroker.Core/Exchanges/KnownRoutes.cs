namespace ActorBroker.Core.Exchanges;

/// <summary>Where the routing keys of one exchange lead, as of one <see cref="Destination.Version"/> of it.</summary>
/// <param name="start">The exchange.</param>
internal sealed class KnownRoutes(ExchangeAddress start)
{
    private readonly Dictionary<byte[], KnownRoute> _byKey = new(ByteKeyComparer.Instance);
    private byte[] _lastKey = [];
    private KnownRoute _last;
    private bool _goThroughOthers; // some of them

    /// <summary>The exchange.</summary>
    public ExchangeAddress Start { get; } = start;

    /// <summary>The version under which all of it was learnt.</summary>
    public long Version { get; private set; } = -1;

    private int Weight { get; set; }

    /// <summary>The queues of that key, as long as nothing on the way has changed.</summary>
    public bool TryGet(ReadOnlySpan<byte> routingKey, out QueueAddress[] queues)
    {
        if (_last.Queues is null || !routingKey.SequenceEqual(_lastKey))
        {
            if (!_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(routingKey, out var key, out var found))
            {
                queues = [];
                return false;
            }

            (_lastKey, _last) = (key, found);
        }

        queues = _last.Queues!;
        return _last.Holds;
    }

    /// <summary>Remembers a walk, unless something left while it was made.</summary>
    /// <returns>By how much this weighs more.</returns>
    public int Add(ReadOnlySpan<byte> routingKey, RouteResult walk)
    {
        PassedExchange[]? others = walk.Passed.Count > 0 ? [.. walk.Passed] : null;
        var route = new KnownRoute(walk.Queues.ToArray(), others);
        if (!route.Holds)
        {
            return 0;
        }

        var byKey = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>();
        var before = Weight;
        if (byKey.TryGetValue(routingKey, out var key, out var stale))
        {
            Weight -= stale.Weight;
        }

        (_lastKey, _last) = (key ?? routingKey.ToArray(), route);
        _byKey[_lastKey] = route;
        _goThroughOthers |= others is not null;
        return (Weight += route.Weight) - before;
    }

    /// <summary>Forgets all; what comes now is learnt under that version.</summary>
    /// <returns>What this weighed.</returns>
    public int Clear(long version)
    {
        var weighed = Weight;
        _byKey.Clear();
        (_lastKey, _last, _goThroughOthers) = ([], default, false);
        (Version, Weight) = (version, 0);
        return weighed;
    }

    /// <summary>Forgets what changed behind this exchange.</summary>
    /// <returns>What that weighed.</returns>
    public int RemoveStale()
    {
        var before = Weight;
        if (!_goThroughOthers)
        {
            return 0;
        }

        (_lastKey, _last) = ([], default);
        foreach (var (key, route) in _byKey)
        {
            if (!route.Holds)
            {
                _byKey.Remove(key);
                Weight -= route.Weight;
            }
        }

        return before - Weight;
    }

    /// <summary>Where one key leads.</summary>
    /// <param name="Queues">The queues; null for none that is known.</param>
    /// <param name="Others">Exchanges behind the first; null for none.</param>
    private readonly record struct KnownRoute(QueueAddress[]? Queues, PassedExchange[]? Others)
    {
        public int Weight => 1 + (((Queues?.Length ?? 0) + (Others?.Length ?? 0)) / 8); // many of them take room, too

        public bool Holds
        {
            get
            {
                if (Others is not null)
                {
                    foreach (ref readonly var other in Others.AsSpan())
                    {
                        if (!other.IsAsItWas)
                        {
                            return false;
                        }
                    }
                }

                return true;
            }
        }
    }
}
