using System.Numerics;

namespace ActorBroker.Core.Channels;

/// <summary>
/// Things numbered one after the other and taken away in any order: unacked deliveries by tag, or by ordinal.
/// Constant time and no allocation in order; a few that stay long are moved aside so that they do not stretch the ring.
/// </summary>
/// <typeparam name="T">What is kept; the default value means "taken".</typeparam>
internal sealed class SequenceRing<T>
    where T : struct
{
    private const int InitialCapacity = 16;

    private T[] _slots = [];
    private bool[] _live = [];
    private int _head;
    private int _used; // slots from the head on, live or taken
    private int _liveInRing;
    private SortedDictionary<long, T>? _stragglers;

    /// <summary>The number that the next <see cref="Add"/> gives; the first is 1.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>How many are kept.</summary>
    public int Count => _liveInRing + (_stragglers?.Count ?? 0);

    private long First => Next - _used;

    /// <summary>Keeps <paramref name="item"/> under the next number.</summary>
    public long Add(in T item)
    {
        if (_used == _slots.Length)
        {
            MakeRoom();
        }

        var slot = (_head + _used) & (_slots.Length - 1);
        _slots[slot] = item;
        _live[slot] = true;
        _used++;
        _liveInRing++;
        return Next++;
    }

    /// <summary>Uses up a number without keeping anything under it.</summary>
    public long Skip()
    {
        if (_used == 0)
        {
            return Next++;
        }

        var number = Add(default);
        TryTake(number, out _);
        return number;
    }

    /// <summary>Is something kept under this number?</summary>
    public bool Contains(long number) =>
        number >= First && number < Next ? _live[Slot(number)] : _stragglers?.ContainsKey(number) ?? false;

    /// <summary>Takes one away.</summary>
    /// <returns>False when nothing is kept under that number.</returns>
    public bool TryTake(long number, out T item)
    {
        if (number < First || number >= Next)
        {
            item = default;
            return _stragglers is not null && _stragglers.Remove(number, out item);
        }

        var slot = Slot(number);
        item = _slots[slot];
        if (!_live[slot])
        {
            return false;
        }

        _slots[slot] = default;
        _live[slot] = false;
        _liveInRing--;
        Trim();
        return true;
    }

    /// <summary>Puts back what was taken, under its old number.</summary>
    public void Restore(long number, in T item)
    {
        if (number < First || number >= Next)
        {
            (_stragglers ??= []).Add(number, item);
            return;
        }

        var slot = Slot(number);
        _slots[slot] = item;
        _live[slot] = true;
        _liveInRing++;
    }

    /// <summary>Takes away the lowest number.</summary>
    public bool TryTakeFirst(out long number, out T item)
    {
        if (_stragglers is { Count: > 0 })
        {
            number = FirstStraggler();
            return _stragglers.Remove(number, out item);
        }

        number = First;
        if (_liveInRing == 0)
        {
            item = default;
            return false;
        }

        return TryTake(number, out item);
    }

    /// <summary>The lowest number kept, or null.</summary>
    public long? PeekFirst() => _stragglers is { Count: > 0 } ? FirstStraggler() : _liveInRing > 0 ? First : null;

    /// <summary>Lets some of what is kept be replaced, in the order of the numbers.</summary>
    /// <param name="skip">Places to pass over, to go on where an earlier call has ended.</param>
    /// <param name="most">Places to look at.</param>
    /// <param name="by">Gives what shall be kept instead.</param>
    /// <returns>How many places were looked at: all that are left when fewer than <paramref name="most"/>.</returns>
    public int Replace(int skip, int most, Func<T, T> by)
    {
        long[] stragglers = _stragglers is null ? [] : [.. _stragglers.Keys.Skip(skip).Take(most)];
        foreach (var number in stragglers)
        {
            _stragglers![number] = by(_stragglers[number]);
        }

        var from = Math.Max(0, skip - (_stragglers?.Count ?? 0));
        var end = Math.Min(_used, from + most - stragglers.Length);
        for (var i = from; i < end; i++)
        {
            var slot = (_head + i) & (_slots.Length - 1);
            if (_live[slot])
            {
                _slots[slot] = by(_slots[slot]);
            }
        }

        return stragglers.Length + Math.Max(0, end - from);
    }

    /// <summary>Places that <see cref="Replace"/> looks at.</summary>
    public int Places => _used + (_stragglers?.Count ?? 0);

    private long FirstStraggler()
    {
        foreach (var key in _stragglers!.Keys)
        {
            return key;
        }

        return 0;
    }

    private int Slot(long number) => (int)((_head + (number - First)) & (_slots.Length - 1));

    private void Trim()
    {
        while (_used > 0 && !_live[_head])
        {
            _head = (_head + 1) & (_slots.Length - 1);
            _used--;
        }
    }

    private void MakeRoom()
    {
        if (_used >= 256 && _liveInRing < _used / 4)
        {
            MoveAside();
            return;
        }

        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(InitialCapacity, _used + 1));
        _slots = Unrolled(_slots, capacity);
        _live = Unrolled(_live, capacity);
        _head = 0;
    }

    private void MoveAside()
    {
        _stragglers ??= [];
        for (var i = 0; i < _used; i++)
        {
            var slot = (_head + i) & (_slots.Length - 1);
            if (_live[slot])
            {
                _stragglers.Add(First + i, _slots[slot]);
                _slots[slot] = default;
                _live[slot] = false;
            }
        }

        _used = 0;
        _liveInRing = 0;
    }

    private U[] Unrolled<U>(U[] ring, int capacity)
    {
        var larger = new U[capacity];
        var first = Math.Min(_used, ring.Length - _head);
        Array.Copy(ring, _head, larger, 0, first);
        Array.Copy(ring, 0, larger, first, _used - first);
        return larger;
    }
}
