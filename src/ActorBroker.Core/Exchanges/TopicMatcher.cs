namespace ActorBroker.Core.Exchanges;

/// <summary>Walks the trie word by word with all places a key can be at, and keeps the memory for that.</summary>
/// <remarks>
/// A node has one parent, so a word leads to each at most once. A node behind <c>#</c> takes any further word and, once
/// reached, is never left: those are kept apart and each is entered once. So the time grows with the words times the
/// nodes of the trie, however many <c>#</c> a binding has.
/// </remarks>
internal sealed class TopicMatcher
{
    private readonly IdentityList<TopicNode> _behindHash = new();
    private List<TopicNode> _current = [];
    private List<TopicNode> _next = [];

    public void Match(TopicNode root, ReadOnlySpan<byte> routingKey, RouteResult result)
    {
        Enter(root, _current);
        var words = new TopicWords(routingKey);
        while (words.MoveNext() && result.Spend(_current.Count + _behindHash.Count))
        {
            var behindHash = _behindHash.Count; // those that this word enters have not read it
            foreach (var node in _current)
            {
                Step(node, words.Current);
            }

            for (var i = 0; i < behindHash; i++)
            {
                Step(_behindHash[i], words.Current);
            }

            (_current, _next) = (_next, _current);
            _next.Clear();
        }

        foreach (var node in _current)
        {
            node.Destinations?.CollectInto(result);
        }

        foreach (var node in _behindHash.Items)
        {
            node.Destinations?.CollectInto(result);
        }

        _current.Clear();
        _behindHash.Clear();
    }

    private void Step(TopicNode node, ReadOnlySpan<byte> word)
    {
        if (node.TryGetWord(word, out var named))
        {
            Enter(named, _next);
        }

        if (node.AnyWord is { } any)
        {
            Enter(any, _next);
        }
    }

    private void Enter(TopicNode node, List<TopicNode> places)
    {
        places.Add(node);
        var behind = node.AnyWords;
        while (behind is not null && _behindHash.Add(behind))
        {
            behind = behind.AnyWords;
        }
    }
}
