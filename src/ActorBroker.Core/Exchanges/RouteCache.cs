namespace ActorBroker.Core.Exchanges;

/// <summary>
/// Remembers for one channel where an exchange and a routing key lead, until the topology changes. A publisher that
/// keeps using the same keys does not walk bindings again.
/// </summary>
/// <remarks>
/// Not remembered: what depends on headers, and messages with further routing keys. At most <see cref="Capacity"/>
/// pairs; the next one empties the cache. Not for several threads at once.
/// </remarks>
internal sealed class RouteCache
{
    /// <summary>How many pairs of exchange and routing key are kept at most.</summary>
    public const int Capacity = 4096;

    private readonly RouteResult _walk = new();
    private readonly Dictionary<ExchangeAddress, Dictionary<byte[], QueueAddress[]>> _routes =
        new(ReferenceEqualityComparer.Instance);

    private int _count;
    private long _version = long.MinValue;
    private ExchangeAddress? _lastExchange;
    private Dictionary<byte[], QueueAddress[]>.AlternateLookup<ReadOnlySpan<byte>> _lastRoutes;
    private byte[] _lastKey = [];
    private QueueAddress[]? _lastQueues;

    /// <summary>How many pairs are remembered.</summary>
    public int Count => _count;

    /// <summary>False when the last walk was given up: what it returned is not all.</summary>
    public bool IsComplete => _walk.IsComplete;

    /// <summary>The queues a message goes to; valid until the next call.</summary>
    /// <param name="start">The exchange that was published to.</param>
    /// <param name="input">What of the message decides.</param>
    /// <param name="directory">The virtual host's directory, always the same one.</param>
    /// <param name="budget">Most steps of a walk; when that is not enough, <see cref="IsComplete"/> is false afterwards.</param>
    public ReadOnlySpan<QueueAddress> Route(
        ExchangeAddress start, scoped in RoutingInput input, IExchangeDirectory directory, long budget = long.MaxValue)
    {
        _walk.Budget = budget;
        _walk.Steps = 0; // of the walk before
        // Before the walk: a change during it must make the answer stale.
        var version = directory.Version;
        if (version != _version)
        {
            Clear();
            _version = version;
        }

        if (!input.Copies.IsEmpty)
        {
            Router.Route(start, input, directory, _walk);
            return _walk.Queues;
        }

        if (ReferenceEquals(start, _lastExchange))
        {
            if (_lastQueues is not null && input.RoutingKey.SequenceEqual(_lastKey))
            {
                return _lastQueues;
            }
        }
        else
        {
            SwitchTo(start);
        }

        if (_lastRoutes.TryGetValue(input.RoutingKey, out var key, out var queues))
        {
            _lastKey = key;
            _lastQueues = queues;
            return queues;
        }

        Router.Route(start, input, directory, _walk);
        if (!_walk.DependsOnHeaders && _walk.IsComplete)
        {
            Remember(start, input.RoutingKey);
        }

        return _walk.Queues;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (_lastExchange is null)
        {
            return; // nothing since the last time
        }

        _routes.Clear();
        _count = 0;
        _lastExchange = null;
        _lastRoutes = default;
        _lastQueues = null;
        _lastKey = [];
        _walk.Clear();
    }

    private void SwitchTo(ExchangeAddress exchange)
    {
        if (!_routes.TryGetValue(exchange, out var routes))
        {
            routes = new Dictionary<byte[], QueueAddress[]>(ByteKeyComparer.Instance);
            _routes.Add(exchange, routes);
        }

        _lastExchange = exchange;
        _lastRoutes = routes.GetAlternateLookup<ReadOnlySpan<byte>>();
        _lastQueues = null;
    }

    private void Remember(ExchangeAddress start, ReadOnlySpan<byte> routingKey)
    {
        if (_count >= Capacity)
        {
            _routes.Clear();
            _count = 0;
            SwitchTo(start);
        }

        _lastKey = routingKey.ToArray();
        _lastQueues = _walk.Queues.ToArray();
        _lastRoutes[_lastKey] = _lastQueues;
        _count += 1 + (_lastQueues.Length / 8); // many targets take room, too
    }
}
