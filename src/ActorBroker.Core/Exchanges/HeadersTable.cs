using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>headers: the headers of the message, indexed once, against the arguments of each binding, one after the other.</summary>
internal sealed class HeadersTable : RoutingTable
{
    private readonly SlotList<Entry> _entries = new();

    // For the writer only; two bindings that differ in their key share an entry.
    private readonly Dictionary<(Destination Destination, BindingArguments Arguments), Entry> _byBinding = [];

    internal override bool LooksAtRoutingKey => false;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination)
    {
        var binding = (destination, new BindingArguments(arguments));
        if (_byBinding.TryGetValue(binding, out var known))
        {
            known.Bindings++;
            return;
        }

        var entry = new Entry(new HeadersRule(arguments), destination);
        _byBinding.Add(binding, entry);
        _entries.Add(entry);
    }

    /// <inheritdoc/>
    public override bool Remove(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination)
    {
        var binding = (destination, new BindingArguments(arguments));
        if (!_byBinding.TryGetValue(binding, out var entry))
        {
            return false;
        }

        if (--entry.Bindings == 0)
        {
            _byBinding.Remove(binding);
            _entries.Remove(entry);
        }

        return true;
    }

    internal override void Match(ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> headers, RouteResult result)
    {
        result.DependsOnHeaders = true;
        var entries = _entries.Slots;
        if (entries.IsEmpty)
        {
            return;
        }

        var index = result.HeadersOf(headers);
        foreach (var entry in entries)
        {
            if (!result.Spend(1))
            {
                return;
            }

            if (entry is not null && entry.Rule.Matches(headers, index, ref result.Steps))
            {
                result.Add(entry.Destination);
            }
        }
    }

    private sealed class Entry(HeadersRule rule, Destination destination)
    {
        public HeadersRule Rule { get; } = rule;

        public Destination Destination { get; } = destination;

        public int Bindings { get; set; } = 1;
    }
}
