using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Who is on the way in: a bounded number of peers, and who must go when one more comes. No address can keep the others out: the oldest
/// peer of the address that has most of them goes. A newcomer of that very address takes the place only of one that has had
/// <paramref name="grace"/> or has left; otherwise a rush of good clients would throw each other out for ever, and it is the newcomer that goes.
/// Not safe for threads.
/// </summary>
/// <typeparam name="T">A peer.</typeparam>
/// <param name="grace">Time to finish a handshake that no other peer of the same address can take away.</param>
/// <param name="hasLeft">True for one that does not wait any more, and only nobody has noticed yet.</param>
internal sealed class Lobby<T>(TimeSpan grace, Func<T, bool> hasLeft)
    where T : class
{
    private readonly Dictionary<string, LinkedList<Guest>> _bySource = new(StringComparer.Ordinal);
    private readonly Dictionary<T, LinkedListNode<Guest>> _guests = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many are on the way in.</summary>
    public int Count => _guests.Count;

    /// <summary>A newcomer wants to be let in.</summary>
    /// <param name="peer">The newcomer.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="places">How many may be on the way in now; none when 0 or less.</param>
    /// <param name="now">Time on a clock that never goes back.</param>
    /// <param name="leaves">Who must go instead; null when there is room. It is out already.</param>
    /// <returns>False when it is the newcomer that must go.</returns>
    public bool TryEnter(T peer, string source, int places, TimeSpan now, out T? leaves)
    {
        leaves = null;
        if (_guests.Count >= places && !TryMakeRoom(source, places, now, out leaves))
        {
            return false;
        }

        var line = _bySource.TryGetValue(source, out var there) ? there : _bySource[source] = [];
        _guests[peer] = line.AddLast(new Guest(peer, source, now));
        return true;
    }

    /// <summary>One has finished its handshake, or is gone. False when it was out already.</summary>
    public bool Leave(T peer)
    {
        if (!_guests.Remove(peer, out var place))
        {
            return false;
        }

        var line = place.List!;
        line.Remove(place);
        if (line.Count == 0)
        {
            _bySource.Remove(place.Value.Source);
        }

        return true;
    }

    /// <summary>Takes out the oldest of the address that has most, whatever its age: its descriptor is needed.</summary>
    public bool TryShed([NotNullWhen(true)] out T? leaves)
    {
        leaves = Largest()?.First!.Value.Peer;
        return leaves is not null && Leave(leaves);
    }

    private bool TryMakeRoom(string source, int places, TimeSpan now, out T? leaves)
    {
        leaves = null;
        if (places <= 0 || Largest() is not { } line)
        {
            return false;
        }

        var oldest = line.First!.Value;
        var own = _bySource.GetValueOrDefault(source)?.Count ?? 0;
        if (own + 1 >= line.Count && now - oldest.Since < grace && !hasLeft(oldest.Peer))
        {
            return false;
        }

        leaves = oldest.Peer;
        Leave(leaves);
        return true;
    }

    private LinkedList<Guest>? Largest()
    {
        LinkedList<Guest>? largest = null;
        foreach (var line in _bySource.Values)
        {
            if (largest is null || line.Count > largest.Count || (line.Count == largest.Count && line.First!.Value.Since < largest.First!.Value.Since))
            {
                largest = line;
            }
        }

        return largest;
    }

    private sealed record Guest(T Peer, string Source, TimeSpan Since);
}
