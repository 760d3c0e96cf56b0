using System.Runtime.CompilerServices;

namespace ActorBroker.Core.Journal;

/// <summary>
/// A list of structs that grows at its end and shrinks at both, in pieces: a large one is never copied as a whole, a small one is small.
/// </summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int Bits = 9;
    private const int ChunkSize = 1 << Bits;
    private const int SmallestChunk = 4;
    private const int LargestKept = 64;

    private T[][] _chunks = [];
    private int _used; // chunks
    private int _head; // slots of the first chunk that are gone

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>One of them, in place.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var slot = _head + index;
            return ref _chunks[slot >> Bits][slot & (ChunkSize - 1)];
        }
    }

    /// <summary>Adds an item at the end.</summary>
    public void Add(in T item)
    {
        var slot = _head + Count;
        if (_used == 0 || slot - ((_used - 1) << Bits) >= _chunks[_used - 1].Length)
        {
            MakeRoom();
            slot = _head + Count;
        }

        _chunks[slot >> Bits][slot & (ChunkSize - 1)] = item;
        Count++;
    }

    /// <summary>Inserts an item. Not for long lists, unless it is close to the end.</summary>
    public void Insert(int index, in T item)
    {
        Add(item);
        for (var i = Count - 1; i > index; i--)
        {
            this[i] = this[i - 1];
        }

        this[index] = item;
    }

    /// <summary>Takes the first away.</summary>
    public void RemoveFirst()
    {
        this[0] = default;
        _head++;
        Count--;
        if (_head == ChunkSize)
        {
            _head = 0;
            _used--;
            Array.Copy(_chunks, 1, _chunks, 0, _used);
            _chunks[_used] = null!;
        }

        RestWhenEmpty();
    }

    /// <summary>Takes the last away.</summary>
    public void RemoveLast()
    {
        this[Count - 1] = default;
        Count--;
        if (_used > 1 && _head + Count + ChunkSize <= (_used - 1) << Bits)
        {
            _chunks[--_used] = null!; // one is kept, for a list that moves to and fro
        }

        RestWhenEmpty();
    }

    /// <summary>Takes away all that <paramref name="isGone"/> says; the others keep their order.</summary>
    public void RemoveAll(Predicate<T> isGone)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (!isGone(this[i]))
            {
                this[kept++] = this[i];
            }
        }

        while (Count > kept)
        {
            RemoveLast();
        }
    }

    private void RestWhenEmpty()
    {
        if (Count > 0)
        {
            return;
        }

        _head = 0;
        if (_used > 0 && _chunks[0].Length > LargestKept)
        {
            (_chunks, _used) = ([], 0);
        }
    }

    private void MakeRoom()
    {
        if (_used == 1 && _chunks[0].Length < ChunkSize)
        {
            MakeRoomInSmall();
            return;
        }

        if (_used == _chunks.Length)
        {
            Array.Resize(ref _chunks, Math.Max(1, _used * 2));
        }

        _chunks[_used] = new T[_used == 0 ? SmallestChunk : ChunkSize];
        _used++;
    }

    private void MakeRoomInSmall()
    {
        var chunk = _chunks[0];
        var target = _head * 2 >= chunk.Length ? chunk : new T[Math.Min(ChunkSize, chunk.Length * 2)];
        Array.Copy(chunk, _head, target, 0, Count);
        if (ReferenceEquals(target, chunk))
        {
            Array.Clear(chunk, Count, chunk.Length - Count);
        }

        _chunks[0] = target;
        _head = 0;
    }
}
