namespace ActorBroker.Topology;

/// <summary>The exchanges and queues that some decisions concern, by name; or everything.</summary>
internal sealed class TopologyScope
{
    private readonly HashSet<(string Host, string Name)> _names = [];
    private bool _all;

    /// <summary>Everything is concerned.</summary>
    public void AddAll() => _all = true;

    /// <summary>These are, too.</summary>
    public void Add(string host, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            _names.Add((host, name));
        }
    }

    /// <summary>Is one of these concerned?</summary>
    public bool Touches(string host, IReadOnlyList<string> names) => _all || (_names.Count > 0 && names.Any(n => _names.Contains((host, n))));

    /// <summary>Nothing is concerned any more.</summary>
    public void Clear()
    {
        _names.Clear();
        _all = false;
    }
}
