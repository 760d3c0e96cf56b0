using System.Numerics;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>
/// The waiting messages of one priority, in the order of their positions: those that came back first (they are always older
/// than any that never left), then a ring of those that never left.
/// </summary>
internal sealed class ReadyLane
{
    private const int InitialCapacity = 16;

    private Message[] _ring = [];
    private long[]? _expiries; // beside the ring, once any message of the lane had a time to live
    private int _head;
    private int _slots; // live messages and holes in the ring
    private int _holes;
    private SortedSet<Returned>? _returned;

    /// <summary>Position that the next appended message gets.</summary>
    public long NextPosition { get; private set; }

    /// <summary>Messages that wait.</summary>
    public int Count => _slots - _holes + (_returned?.Count ?? 0);

    /// <summary>Places in the ring, holes among them.</summary>
    public int Slots => _slots;

    private long FirstInRing => NextPosition - _slots;

    /// <summary>Appends at the tail.</summary>
    /// <param name="messages">References move to the lane.</param>
    public void Append(ReadOnlySpan<Message> messages)
    {
        EnsureRoom(messages.Length);
        var at = (_head + _slots) & (_ring.Length - 1);
        var first = Math.Min(messages.Length, _ring.Length - at);
        messages[..first].CopyTo(_ring.AsSpan(at));
        messages[first..].CopyTo(_ring);
        _slots += messages.Length;
        NextPosition += messages.Length;
    }

    /// <summary>Says when the message at a position still in the ring expires, in milliseconds of the caller's clock.</summary>
    public void SetExpiry(long position, long expiresAt)
    {
        _expiries ??= new long[_ring.Length];
        _expiries[Slot(position)] = expiresAt;
    }

    /// <summary>Puts back what was handed out, at its old place.</summary>
    public void Return(in Returned message) => (_returned ??= new SortedSet<Returned>(Returned.ByPosition)).Add(message);

    /// <summary>Takes the oldest message.</summary>
    /// <returns>False when the lane is empty.</returns>
    public bool TryTake(out Returned taken)
    {
        if (_returned is { Count: > 0 })
        {
            taken = _returned.Min;
            _returned.Remove(taken);
            return true;
        }

        SkipHoles();
        if (_slots == 0)
        {
            taken = default;
            return false;
        }

        ref var slot = ref _ring[_head];
        taken = new Returned { Message = slot, Position = FirstInRing, ExpiresAt = TakeExpiry(_head) };
        slot = default;
        _head = (_head + 1) & (_ring.Length - 1);
        _slots--;
        return true;
    }

    /// <summary>
    /// The longest run at the front that can be taken in one go: never-delivered neighbours in the ring without holes or expiries.
    /// Empty when the front is a returned message, a hole, or the lane knows expiries.
    /// </summary>
    /// <param name="most">At most this many.</param>
    /// <param name="first">Position of the first of them.</param>
    public ReadOnlySpan<Message> PeekRun(int most, out long first)
    {
        first = FirstInRing;
        if (_returned is { Count: > 0 } || _holes > 0 || _expiries is not null)
        {
            return default;
        }

        return _ring.AsSpan(_head, Math.Min(Math.Min(most, _slots), _ring.Length - _head));
    }

    /// <summary>Removes a run that <see cref="PeekRun"/> showed; the references move to the caller.</summary>
    public void RemoveRun(int count)
    {
        _ring.AsSpan(_head, count).Clear();
        _head = (_head + count) & (_ring.Length - 1);
        _slots -= count;
    }

    /// <summary>The oldest message without taking it.</summary>
    public bool TryPeek(out Message message)
    {
        if (_returned is { Count: > 0 })
        {
            message = _returned.Min.Message;
            return true;
        }

        SkipHoles();
        message = _slots > 0 ? _ring[_head] : default;
        return _slots > 0;
    }

    /// <summary>Number of the oldest message; 0 when it has none, or nothing waits.</summary>
    public long FirstNumber
    {
        get
        {
            if (_returned is { Count: > 0 })
            {
                return _returned.Min.Message.Sequence;
            }

            SkipHoles();
            return _slots > 0 ? _ring[_head].Sequence : 0;
        }
    }

    /// <summary>The lowest number of those that never left; 0 when there are none, null when the first ones have no number.</summary>
    public long? FirstNewNumber
    {
        get
        {
            const int Few = 16;
            for (var i = 0; i < Math.Min(_slots, Few); i++)
            {
                if (_ring[(_head + i) & (_ring.Length - 1)].Sequence is > 0 and var number)
                {
                    return number;
                }
            }

            return _slots == 0 ? 0 : null;
        }
    }

    /// <summary>Does the message of that position and time still wait?</summary>
    public bool IsWaiting(long position, long expiresAt) =>
        position >= FirstInRing
            ? _expiries is not null && _expiries[Slot(position)] == expiresAt
            : _returned is not null && _returned.TryGetValue(new Returned { Position = position }, out var back) && back.ExpiresAt == expiresAt;

    /// <summary>Takes a message out of the middle because its time is up.</summary>
    /// <returns>False when it is no longer waiting: delivered, settled or dropped.</returns>
    public bool TryRemove(long position, long expiresAt, out Message message)
    {
        if (position >= FirstInRing && position < NextPosition)
        {
            var slot = Slot(position);
            message = _ring[slot];
            if (message.Buffer is null || _expiries is null || _expiries[slot] != expiresAt)
            {
                return false;
            }

            _ring[slot] = default;
            _expiries[slot] = 0;
            _holes++;
            SkipHoles();
            return true;
        }

        message = default;
        if (_returned is null || !_returned.TryGetValue(new Returned { Position = position }, out var back) || back.ExpiresAt != expiresAt)
        {
            return false;
        }

        message = back.Message;
        _returned.Remove(back);
        return true;
    }

    /// <summary>Moves messages out of slabs that are mostly dead, from the front, at most <paramref name="most"/> slots.</summary>
    /// <returns>How many slots were looked at.</returns>
    public int CopyOut(int skip, int most)
    {
        var end = Math.Min(_slots, skip + most);
        for (var i = skip; i < end; i++)
        {
            ref var slot = ref _ring[(_head + i) & (_ring.Length - 1)];
            if (slot.Owner is { IsSparse: true })
            {
                slot = slot.CopiedOut();
            }
        }

        return Math.Max(0, end - skip);
    }

    private int Slot(long position) => (int)((_head + (position - FirstInRing)) & (_ring.Length - 1));

    private long TakeExpiry(int slot)
    {
        if (_expiries is null)
        {
            return 0;
        }

        var expiry = _expiries[slot];
        _expiries[slot] = 0;
        return expiry;
    }

    private void SkipHoles()
    {
        while (_holes > 0 && _slots > 0 && _ring[_head].Buffer is null)
        {
            _head = (_head + 1) & (_ring.Length - 1);
            _slots--;
            _holes--;
        }
    }

    private void EnsureRoom(int more)
    {
        if (_slots + more <= _ring.Length && !(_slots == 0 && _ring.Length > 64 * 1024))
        {
            return;
        }

        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(InitialCapacity, _slots + more));
        _ring = Unrolled(_ring, capacity);
        _expiries = _expiries is null ? null : Unrolled(_expiries, capacity);
        _head = 0;
    }

    private T[] Unrolled<T>(T[] ring, int capacity)
    {
        var larger = new T[capacity];
        var first = Math.Min(_slots, ring.Length - _head);
        Array.Copy(ring, _head, larger, 0, first);
        Array.Copy(ring, 0, larger, first, _slots - first);
        return larger;
    }
}

/// <summary>A message with its place in the queue: what a consumer holds unacked, and what comes back.</summary>
internal struct Returned
{
    /// <summary>The order of the queue, within one priority.</summary>
    public static readonly IComparer<Returned> ByPosition = Comparer<Returned>.Create((a, b) => a.Position.CompareTo(b.Position));

    /// <summary>The message; the reference on its slab belongs to whoever holds this.</summary>
    public Message Message;

    /// <summary>Its place within its priority.</summary>
    public long Position;

    /// <summary>When it expires, in milliseconds of the caller's clock; 0 for never.</summary>
    public long ExpiresAt;
}
