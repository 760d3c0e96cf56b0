namespace ActorBroker.Core.Topology;

/// <summary>
/// Works out what goes together with a queue or an exchange: its bindings, and the auto-delete exchanges of which one
/// of these was the last binding that started there, and so on. Changes nothing.
/// </summary>
internal sealed class Removal(VirtualHostTopology topology)
{
    private readonly List<ITopologyEvent> _events = [];
    private readonly HashSet<BindingDefinition> _unbound = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _left = new(StringComparer.Ordinal);
    private readonly Queue<ExchangeNode> _pending = new();

    public IReadOnlyList<ITopologyEvent> Events => _events;

    public void DeleteQueue(QueueNode queue)
    {
        UnbindAll(queue.Incoming);
        _events.Add(new TopologyEvents.QueueDeleted(queue.Definition));
        DeletePending();
    }

    public void DeleteExchange(ExchangeNode exchange)
    {
        if (_deleted.Add(exchange.Definition.Name))
        {
            _pending.Enqueue(exchange);
            DeletePending();
        }
    }

    public void Unbind(BindingDefinition binding)
    {
        UnbindOne(binding, implied: false);
        DeletePending();
    }

    private void DeletePending()
    {
        while (_pending.TryDequeue(out var exchange))
        {
            UnbindAll(exchange.Outgoing);
            UnbindAll(exchange.Incoming);
            _events.Add(new TopologyEvents.ExchangeDeleted(exchange.Definition));
        }
    }

    private void UnbindAll(BindingSet bindings)
    {
        foreach (var binding in bindings)
        {
            UnbindOne(binding, implied: true);
        }
    }

    private void UnbindOne(BindingDefinition binding, bool implied)
    {
        if (!_unbound.Add(binding) || !topology.Exchanges.TryGetValue(binding.Source, out var source))
        {
            return;
        }

        _events.Add(new TopologyEvents.Unbound(binding, implied));
        var left = _left.GetValueOrDefault(binding.Source, source.Outgoing.Count) - 1;
        _left[binding.Source] = left;
        if (left == 0 && source.Definition.AutoDelete && _deleted.Add(binding.Source))
        {
            _pending.Enqueue(source);
        }
    }
}
