namespace ActorBroker.Core.Exchanges;

/// <summary>
/// Remembers for one publisher where an exchange and a routing key lead, until one of the exchanges on the way changes: nothing else of the
/// topology matters. A publisher that keeps using the same keys does not walk bindings again.
/// </summary>
/// <remarks>
/// Not remembered: what depends on headers, messages with further routing keys, and walks that looked a name up. The default exchange is
/// nothing but a look-up, of which the last is kept. At most <see cref="Capacity"/> pairs; the next one empties the cache. What has left is let go
/// after <see cref="SweepAfter"/> departures at the latest. Not for several threads at once.
/// </remarks>
internal sealed class RouteCache
{
    /// <summary>How many pairs of exchange and routing key are kept at most.</summary>
    public const int Capacity = 4096;

    /// <summary>So many queues and exchanges may have left before the cache looks for what it need not keep.</summary>
    public const int SweepAfter = 16;

    private readonly RouteResult _walk = new();
    private readonly Dictionary<ExchangeAddress, KnownRoutes> _known = new(ReferenceEqualityComparer.Instance);
    private readonly QueueAddress[] _named = new QueueAddress[1];
    private ExchangeAddress? _namedBy; // the default exchange that led to it
    private KnownRoutes? _last;
    private int _count;
    private long _swept;

    /// <summary>How many pairs are remembered; one with many queues counts for more.</summary>
    public int Count => _count;

    /// <summary>False when the last walk was given up: what it returned is not all.</summary>
    public bool IsComplete => _walk.IsComplete;

    /// <summary>Walks over bindings so far, and names looked up: what was not answered from memory.</summary>
    internal long Walks { get; private set; }

    /// <summary>The queues a message goes to; valid until the next call.</summary>
    /// <param name="start">The exchange that was published to.</param>
    /// <param name="input">What of the message decides.</param>
    /// <param name="directory">The directory of the exchange's virtual host.</param>
    /// <param name="budget">Most steps of a walk; when that is not enough, <see cref="IsComplete"/> is false afterwards.</param>
    public ReadOnlySpan<QueueAddress> Route(
        ExchangeAddress start, scoped in RoutingInput input, IExchangeDirectory directory, long budget = long.MaxValue)
    {
        _walk.Budget = budget;
        _walk.Steps = 0; // of the walk before
        if (!input.Copies.IsEmpty)
        {
            return Walk(start, input, directory);
        }

        if (start.IsDefault)
        {
            return Named(start, input.RoutingKey, directory);
        }

        var departures = directory.Departures;
        if ((ulong)(departures - _swept) >= SweepAfter)
        {
            Sweep();
            _swept = departures;
        }

        // Before the walk: a change during it must make the answer stale.
        var version = start.Version;
        if (version < 0)
        {
            return Walk(start, input, directory);
        }

        var known = _last is { } last && ReferenceEquals(last.Start, start) ? last : SwitchTo(start);
        if (known.Version != version)
        {
            _count -= known.Clear(version);
        }
        else if (known.TryGet(input.RoutingKey, out var queues))
        {
            return queues;
        }

        Walk(start, input, directory);
        if (_walk.CanBeKept)
        {
            Remember(known, input.RoutingKey);
        }

        return _walk.Queues;
    }

    private ReadOnlySpan<QueueAddress> Walk(ExchangeAddress start, scoped in RoutingInput input, IExchangeDirectory directory)
    {
        Walks++;
        Router.Route(start, input, directory, _walk);
        return _walk.Queues;
    }

    private ReadOnlySpan<QueueAddress> Named(ExchangeAddress start, ReadOnlySpan<byte> name, IExchangeDirectory directory)
    {
        if (ReferenceEquals(start, _namedBy) && _named[0] is { HasLeft: false } known && name.SequenceEqual(known.NameBytes))
        {
            return _named;
        }

        Walks++;
        if (directory.FindQueue(name) is not { } queue)
        {
            return default;
        }

        (_namedBy, _named[0]) = (start, queue);
        return _named;
    }

    private KnownRoutes SwitchTo(ExchangeAddress exchange)
    {
        if (!_known.TryGetValue(exchange, out var known))
        {
            known = new KnownRoutes(exchange);
            _known.Add(exchange, known);
        }

        return _last = known;
    }

    private void Remember(KnownRoutes known, ReadOnlySpan<byte> routingKey)
    {
        if (_count >= Capacity)
        {
            foreach (var full in _known.Values)
            {
                full.Clear(full.Version);
            }

            _known.Clear();
            _known.Add(known.Start, known);
            _count = 0;
        }

        _count += known.Add(routingKey, _walk);
    }

    /// <summary>Lets go what leads to queues and exchanges that are gone, so that they are not kept alive from here.</summary>
    private void Sweep()
    {
        _walk.Clear();
        foreach (var known in _known.Values)
        {
            if (known.Start.Version != known.Version)
            {
                _count -= known.Clear(known.Version);
                _known.Remove(known.Start); // a dictionary may be walked while something is removed
            }
            else
            {
                _count -= known.RemoveStale();
            }
        }

        if (_last is { } last && !_known.ContainsKey(last.Start))
        {
            _last = null;
        }

        if (_named[0] is { HasLeft: true })
        {
            _named[0] = null!;
        }
    }
}
