using System.Runtime.CompilerServices;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// Objects in the order they came, each once; made to be cleared and filled again without allocating.
/// </summary>
/// <remarks>
/// A few are searched one by one. Beyond that a table of marks takes over; a mark carries the round it was written in,
/// so clearing does not touch the table.
/// </remarks>
internal sealed class IdentityList<T>
    where T : class
{
    private const int LinearSearchLimit = 12;

    private T[] _items = new T[8];
    private int _count;

    // Round in the high, position plus one in the low 32 bits.
    private ulong[] _marks = [];
    private uint _round = 1;
    private int _marked;

    public int Count => _count;

    public ReadOnlySpan<T> Items => _items.AsSpan(0, _count);

    public T this[int index] => Items[index];

    public void Clear()
    {
        Array.Clear(_items, 0, _count); // a deleted queue must not be kept alive from here
        _count = 0;
        _marked = 0;
        if (++_round == 0)
        {
            Array.Clear(_marks);
            _round = 1;
        }
    }

    /// <returns>False when it was there already.</returns>
    public bool Add(T item)
    {
        if (_count > LinearSearchLimit)
        {
            return AddMarked(item);
        }

        foreach (var known in Items)
        {
            if (ReferenceEquals(known, item))
            {
                return false;
            }
        }

        Append(item);
        return true;
    }

    /// <summary>Adds an item the caller knows to be new.</summary>
    public void Append(T item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = item;
    }

    private bool AddMarked(T item)
    {
        if ((_count + 1) * 4 > _marks.Length)
        {
            _marks = new ulong[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_count + 1) * 8)];
            _marked = 0;
        }

        for (; _marked < _count; _marked++)
        {
            ref var mark = ref FindMark(_items[_marked]);
            mark = ((ulong)_round << 32) | (uint)(_marked + 1);
        }

        ref var found = ref FindMark(item);
        if (found >> 32 == _round)
        {
            return false;
        }

        found = ((ulong)_round << 32) | (uint)(_count + 1);
        _marked++;
        Append(item);
        return true;
    }

    /// <summary>The mark of the item, or the free one where it belongs.</summary>
    private ref ulong FindMark(T item)
    {
        var mask = (uint)_marks.Length - 1;
        var slot = ((uint)RuntimeHelpers.GetHashCode(item) * 0x9E3779B1u >> 7) & mask;
        while (true)
        {
            ref var mark = ref _marks[slot];
            if (mark >> 32 != _round || ReferenceEquals(_items[(int)(uint)mark - 1], item))
            {
                return ref mark;
            }

            slot = (slot + 1) & mask;
        }
    }
}
