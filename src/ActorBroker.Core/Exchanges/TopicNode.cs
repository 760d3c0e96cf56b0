using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Core.Exchanges;

/// <summary>One place in the trie of binding keys: what may follow, and who is bound to end here.</summary>
/// <remarks>One thread changes it, any thread reads it.</remarks>
internal sealed class TopicNode
{
    private ConcurrentDictionary<byte[], TopicNode>? _words;
    private TopicNode? _anyWord;
    private TopicNode? _anyWords;
    private DestinationSet? _destinations;

    /// <summary>Follows <c>*</c>.</summary>
    public TopicNode? AnyWord => Volatile.Read(ref _anyWord);

    /// <summary>Follows <c>#</c>.</summary>
    public TopicNode? AnyWords => Volatile.Read(ref _anyWords);

    /// <summary>Bindings whose key ends here; null for none.</summary>
    public DestinationSet? Destinations => Volatile.Read(ref _destinations);

    private bool IsEmpty => _words is null && _anyWord is null && _anyWords is null && _destinations is null;

    public bool TryGetWord(ReadOnlySpan<byte> word, [NotNullWhen(true)] out TopicNode? node)
    {
        if (Volatile.Read(ref _words) is { } words)
        {
            return words.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(word, out node);
        }

        node = null;
        return false;
    }

    public void Add(TopicWords words, Destination destination)
    {
        if (!words.MoveNext())
        {
            var destinations = _destinations ?? new DestinationSet();
            destinations.Add(destination);
            Volatile.Write(ref _destinations, destinations);
            return;
        }

        switch (words.Current)
        {
            case [(byte)'*']:
                AddBelow(ref _anyWord, words, destination);
                break;
            case [(byte)'#']:
                AddBelow(ref _anyWords, words, destination);
                break;
            case var word:
                TryGetWord(word, out var node);
                var known = node;
                AddBelow(ref node, words, destination);
                if (known is null)
                {
                    var children = _words ?? new(concurrencyLevel: 1, capacity: 1, ByteKeyComparer.Instance);
                    children[word.ToArray()] = node!;
                    Volatile.Write(ref _words, children);
                }

                break;
        }
    }

    public bool Remove(TopicWords words, Destination destination)
    {
        if (!words.MoveNext())
        {
            if (_destinations is null || !_destinations.Remove(destination))
            {
                return false;
            }

            if (_destinations.IsEmpty)
            {
                Volatile.Write(ref _destinations, null);
            }

            return true;
        }

        switch (words.Current)
        {
            case [(byte)'*']:
                return RemoveBelow(ref _anyWord, words, destination);
            case [(byte)'#']:
                return RemoveBelow(ref _anyWords, words, destination);
            case var word:
                if (!TryGetWord(word, out var node) || !node.Remove(words, destination))
                {
                    return false;
                }

                if (node.IsEmpty)
                {
                    _words!.GetAlternateLookup<ReadOnlySpan<byte>>().TryRemove(word, out _);
                    if (_words.IsEmpty)
                    {
                        Volatile.Write(ref _words, null);
                    }
                }

                return true;
        }
    }

    // A new branch is complete before anyone can see it.
    private static void AddBelow(ref TopicNode? child, TopicWords words, Destination destination)
    {
        var node = child ?? new TopicNode();
        node.Add(words, destination);
        Volatile.Write(ref child, node);
    }

    private static bool RemoveBelow(ref TopicNode? child, TopicWords words, Destination destination)
    {
        if (child is null || !child.Remove(words, destination))
        {
            return false;
        }

        if (child.IsEmpty)
        {
            Volatile.Write(ref child, null);
        }

        return true;
    }
}
