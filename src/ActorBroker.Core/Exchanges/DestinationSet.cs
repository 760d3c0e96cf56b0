namespace ActorBroker.Core.Exchanges;

/// <summary>The destinations of one binding key, each once however many bindings lead to it.</summary>
/// <remarks>One thread changes it, any thread reads it.</remarks>
internal sealed class DestinationSet
{
    private readonly SlotList<Destination> _destinations = new();

    // Bindings beyond the first that lead to the same destination: same key, other arguments. Rare.
    private Dictionary<Destination, int>? _more;
    private int _exchanges;

    public bool IsEmpty => _destinations.Count == 0;

    public void Add(Destination destination)
    {
        if (_destinations.Contains(destination))
        {
            _more ??= [];
            _more[destination] = _more.GetValueOrDefault(destination) + 1;
            return;
        }

        // Before the destination can be seen: a reader that finds 0 exchanges must be right.
        Volatile.Write(ref _exchanges, _exchanges + (destination.IsQueue ? 0 : 1));
        _destinations.Add(destination);
    }

    /// <returns>False when no such binding is known.</returns>
    public bool Remove(Destination destination)
    {
        if (_more is not null && _more.TryGetValue(destination, out var more))
        {
            if (more == 1)
            {
                _more.Remove(destination);
            }
            else
            {
                _more[destination] = more - 1;
            }

            return true;
        }

        // The count of exchanges is not lowered: a reader may still see this one.
        return _destinations.Remove(destination);
    }

    /// <summary>Hands all destinations to the walk.</summary>
    public void CollectInto(RouteResult result)
    {
        var slots = _destinations.Slots;
        if (!result.Spend(slots.Length))
        {
            return;
        }

        if (result.Count == 0 && Volatile.Read(ref _exchanges) == 0)
        {
            result.AppendDistinctQueues(slots);
            return;
        }

        foreach (var destination in slots)
        {
            if (destination is not null)
            {
                result.Add(destination);
            }
        }
    }
}
