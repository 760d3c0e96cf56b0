namespace ActorBroker.Core.Exchanges;

/// <summary>
/// A list that one thread changes and any thread reads without a lock. Items are compared by reference.
/// </summary>
/// <remarks>
/// An item keeps its slot for as long as the array lives: removing leaves a hole, adding takes the next free slot at
/// the end, and a full or mostly empty array is replaced by a new one. So a reader never misses an item that was there
/// all the time, and a change costs a constant amount, averaged.
/// </remarks>
internal sealed class SlotList<T>
    where T : class
{
    private const int LinearSearchLimit = 16;

    private Storage _storage = new(0);
    private Dictionary<T, int>? _index;
    private int _live;

    /// <summary>How many items there are; for the writer.</summary>
    public int Count => _live;

    /// <summary>The slots, holes included as null.</summary>
    public ReadOnlySpan<T?> Slots
    {
        get
        {
            var storage = Volatile.Read(ref _storage);
            return storage.Items.AsSpan(0, Volatile.Read(ref storage.Used));
        }
    }

    public bool Contains(T item) => Find(item) >= 0;

    public void Add(T item)
    {
        if (_storage.Used == _storage.Items.Length)
        {
            MoveTo(new Storage(_live == 0 ? 1 : _live * 2));
        }

        var slot = _storage.Used;
        _storage.Items[slot] = item;
        Volatile.Write(ref _storage.Used, slot + 1);
        _index?.Add(item, slot);
        _live++;
        if (_index is null && _live > LinearSearchLimit)
        {
            BuildIndex();
        }
    }

    public bool Remove(T item)
    {
        var slot = Find(item);
        if (slot < 0)
        {
            return false;
        }

        Volatile.Write(ref _storage.Items[slot], null);
        _index?.Remove(item);
        _live--;
        if (_storage.Used > LinearSearchLimit && _live * 4 < _storage.Used)
        {
            MoveTo(new Storage(_live * 2));
        }

        return true;
    }

    private int Find(T item)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(item, out var slot) ? slot : -1;
        }

        return Array.IndexOf(_storage.Items, item, 0, _storage.Used);
    }

    private void MoveTo(Storage storage)
    {
        foreach (var item in Slots)
        {
            if (item is not null)
            {
                storage.Items[storage.Used++] = item;
            }
        }

        Volatile.Write(ref _storage, storage);
        if (_live > LinearSearchLimit)
        {
            BuildIndex();
        }
        else
        {
            _index = null;
        }
    }

    private void BuildIndex()
    {
        _index = new Dictionary<T, int>(_storage.Items.Length);
        for (var slot = 0; slot < _storage.Used; slot++)
        {
            if (_storage.Items[slot] is { } item)
            {
                _index.Add(item, slot);
            }
        }
    }

    private sealed class Storage(int capacity)
    {
        public readonly T?[] Items = new T?[capacity];
        public int Used;
    }
}
