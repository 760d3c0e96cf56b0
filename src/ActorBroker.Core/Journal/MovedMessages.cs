namespace ActorBroker.Core.Journal;

/// <summary>A message that was relocated: it no longer lies with its neighbours.</summary>
internal struct MovedMessage
{
    /// <summary>Its number in its queue.</summary>
    public long Sequence;

    /// <summary>Number of the event; 0 when it is gone.</summary>
    public long SequenceNr;

    /// <summary>Bytes of its body.</summary>
    public int Size;

    /// <summary>Which of the event's shared bodies; -1 for one of its own.</summary>
    public int Slot;
}

/// <summary>
/// The relocated messages of a queue by sequence. Relocation goes from the oldest events on, so a new one is the last, or there already.
/// </summary>
internal sealed class MovedMessages
{
    private const int FewDead = 64;

    private static readonly Predicate<MovedMessage> IsDead = m => m.SequenceNr == 0;

    private readonly ChunkedList<MovedMessage> _messages = new();
    private int _dead;

    /// <summary>Entries, some of them gone.</summary>
    public int Count => _messages.Count;

    /// <summary>Messages that are live.</summary>
    public int Live => _messages.Count - _dead;

    /// <summary>The highest live sequence, or 0.</summary>
    public long LastLive => Count == 0 ? 0 : _messages[Count - 1].Sequence;

    /// <summary>An entry.</summary>
    public ref readonly MovedMessage this[int index] => ref _messages[index];

    /// <summary>The first entry with a sequence of at least this one, or <see cref="Count"/>.</summary>
    public int IndexFrom(long sequence)
    {
        var (low, high) = (0, _messages.Count);
        if (high > 0 && _messages[high - 1].Sequence < sequence)
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_messages[middle].Sequence < sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The live message with this sequence.</summary>
    public bool TryFind(long sequence, out MovedMessage message)
    {
        var index = IndexFrom(sequence);
        message = index < Count && _messages[index].Sequence == sequence ? _messages[index] : default;
        return message.SequenceNr != 0;
    }

    /// <summary>A message is here from now on, whether it was here before or not.</summary>
    public void Put(in MovedMessage message)
    {
        var index = IndexFrom(message.Sequence);
        if (index == Count || _messages[index].Sequence != message.Sequence)
        {
            _messages.Insert(index, message);
            return;
        }

        if (_messages[index].SequenceNr == 0)
        {
            _dead--;
        }

        _messages[index] = message;
    }

    /// <summary>An entry is no longer live. <see cref="Trim"/> must follow.</summary>
    public void Kill(int index)
    {
        _messages[index].SequenceNr = 0;
        _dead++;
    }

    /// <summary>Takes away dead entries: at both ends at once, in the middle when there are many.</summary>
    public void Trim()
    {
        while (Count > 0 && _messages[0].SequenceNr == 0)
        {
            _messages.RemoveFirst();
            _dead--;
        }

        while (Count > 0 && _messages[Count - 1].SequenceNr == 0)
        {
            _messages.RemoveLast();
            _dead--;
        }

        if (_dead > FewDead && _dead * 2L > Count)
        {
            _messages.RemoveAll(IsDead);
            _dead = 0;
        }
    }
}
