using System.Collections.Concurrent;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>direct: the binding key equals the routing key, byte by byte.</summary>
internal sealed class DirectTable : RoutingTable
{
    private readonly ConcurrentDictionary<byte[], DestinationSet> _sets =
        new(concurrencyLevel: 1, capacity: 0, ByteKeyComparer.Instance);

    private readonly ConcurrentDictionary<byte[], DestinationSet>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    /// <summary>A table without bindings.</summary>
    public DirectTable() => _byKey = _sets.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination)
    {
        if (_byKey.TryGetValue(bindingKey, out var known))
        {
            known.Add(destination);
            return;
        }

        var set = new DestinationSet();
        set.Add(destination); // before anyone can see the set
        _sets[bindingKey.ToArray()] = set;
    }

    /// <inheritdoc/>
    public override bool Remove(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination)
    {
        if (!_byKey.TryGetValue(bindingKey, out var set) || !set.Remove(destination))
        {
            return false;
        }

        if (set.IsEmpty)
        {
            _byKey.TryRemove(bindingKey, out _);
        }

        return true;
    }

    internal override void Match(ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> headers, RouteResult result)
    {
        if (_byKey.TryGetValue(routingKey, out var set))
        {
            set.CollectInto(result);
        }
    }
}
