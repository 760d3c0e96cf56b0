namespace ActorBroker.Core.Exchanges;

/// <summary>Cuts a key at its dots. An empty key has no words; <c>a.</c> has two, the second empty.</summary>
internal ref struct TopicWords(ReadOnlySpan<byte> key)
{
    private ReadOnlySpan<byte> _rest = key;
    private bool _more = !key.IsEmpty;

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (!_more)
        {
            return false;
        }

        var dot = _rest.IndexOf((byte)'.');
        _more = dot >= 0;
        Current = _more ? _rest[..dot] : _rest;
        _rest = _more ? _rest[(dot + 1)..] : default;
        return true;
    }
}
