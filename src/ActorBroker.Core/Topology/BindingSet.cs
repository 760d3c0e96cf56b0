using System.Collections;

namespace ActorBroker.Core.Topology;

/// <summary>A set of bindings that costs one field while it holds none or one, as most queues do.</summary>
internal sealed class BindingSet : IReadOnlyCollection<BindingDefinition>
{
    private BindingDefinition? _only;
    private HashSet<BindingDefinition>? _many;

    public int Count => _many?.Count ?? (_only is null ? 0 : 1);

    public bool Contains(BindingDefinition binding) =>
        _many is not null ? _many.Contains(binding) : binding.Equals(_only);

    public void Add(BindingDefinition binding)
    {
        if (_many is not null)
        {
            _many.Add(binding);
        }
        else if (_only is null)
        {
            _only = binding;
        }
        else if (!_only.Equals(binding))
        {
            _many = [_only, binding];
            _only = null;
        }
    }

    public void Remove(BindingDefinition binding)
    {
        if (_many is not null)
        {
            _many.Remove(binding);
        }
        else if (binding.Equals(_only))
        {
            _only = null;
        }
    }

    public IEnumerator<BindingDefinition> GetEnumerator()
    {
        if (_many is not null)
        {
            return _many.GetEnumerator();
        }

        return (_only is null ? Enumerable.Empty<BindingDefinition>() : [_only]).GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
