using System.Numerics;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// The headers of one message by name, made at most once per message however many bindings ask. Made to be used again and again;
/// allocates nothing once it is warm.
/// </summary>
/// <remarks>
/// A table of hashes that are seeded per process: a client that chooses names cannot make them collide. A slot carries the round it
/// was written in, so that a new message does not touch the table. Of two headers with one name the first counts.
/// </remarks>
internal sealed class HeaderIndex
{
    private const int KeptFields = 1024; // what a rare large message needed is given back

    private Field[] _fields = new Field[16];
    private ulong[] _slots = new ulong[32]; // round in the high, position plus one in the low 32 bits
    private uint _round;
    private bool _built;

    /// <summary>How many different names there are; valid after <see cref="Build"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Hash of a header's name.</summary>
    public static int Hash(ReadOnlySpan<byte> name) => ByteKeyComparer.Instance.GetHashCode(name);

    /// <summary>Forgets the message.</summary>
    public void Clear()
    {
        _built = false;
        if (_fields.Length > KeptFields)
        {
            (_fields, _slots, _round) = (new Field[16], new ulong[32], 0);
        }
    }

    /// <summary>Takes the headers in, unless that was done for this message.</summary>
    /// <param name="headers">The encoded headers table without its length.</param>
    /// <returns>Headers looked at.</returns>
    /// <exception cref="ConnectionException">502: the table is malformed.</exception>
    public int Build(ReadOnlySpan<byte> headers)
    {
        if (_built)
        {
            return 0;
        }

        Count = 0;
        NextRound();
        int at = 0, seen = 0;
        foreach (var field in FieldTableBytes.Enumerate(headers))
        {
            var end = at + field.Whole.Length;
            Add(headers, new Field(Hash(field.Name), at + 1, field.Name.Length, field.Type, end - field.Value.Length, field.Value.Length));
            at = end;
            seen++;
        }

        _built = true;
        return seen;
    }

    /// <summary>Finds a header.</summary>
    /// <param name="headers">The table it was built from.</param>
    /// <param name="name">Its name.</param>
    /// <param name="hash">The hash of that.</param>
    /// <param name="type">One of <see cref="FieldType"/>.</param>
    /// <param name="value">The value; strings, bytes, arrays and tables without their length.</param>
    public bool TryFind(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name, int hash, out byte type, out ReadOnlySpan<byte> value)
    {
        var slot = _slots[SlotOf(headers, name, hash)];
        if (slot >> 32 != _round)
        {
            type = 0;
            value = default;
            return false;
        }

        ref readonly var field = ref _fields[(int)(uint)slot - 1];
        type = field.Type;
        value = headers.Slice(field.ValueAt, field.ValueLength);
        return true;
    }

    private void Add(ReadOnlySpan<byte> headers, in Field field)
    {
        if (Count == _fields.Length)
        {
            Grow(headers);
        }

        ref var slot = ref _slots[SlotOf(headers, headers.Slice(field.NameAt, field.NameLength), field.Hash)];
        if (slot >> 32 != _round)
        {
            _fields[Count++] = field;
            slot = ((ulong)_round << 32) | (uint)Count;
        }
    }

    private void Grow(ReadOnlySpan<byte> headers)
    {
        Array.Resize(ref _fields, _fields.Length * 4);
        _slots = new ulong[(int)BitOperations.RoundUpToPowerOf2((uint)_fields.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            ref readonly var field = ref _fields[i];
            _slots[SlotOf(headers, headers.Slice(field.NameAt, field.NameLength), field.Hash)] = ((ulong)_round << 32) | (uint)(i + 1);
        }
    }

    /// <summary>The slot of that name, or the free one where it belongs.</summary>
    private int SlotOf(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name, int hash)
    {
        var mask = _slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            var slot = _slots[at];
            if (slot >> 32 != _round)
            {
                return at;
            }

            ref readonly var field = ref _fields[(int)(uint)slot - 1];
            if (field.Hash == hash && headers.Slice(field.NameAt, field.NameLength).SequenceEqual(name))
            {
                return at;
            }
        }
    }

    private void NextRound()
    {
        if (++_round == 0)
        {
            Array.Clear(_slots);
            _round = 1;
        }
    }

    private readonly record struct Field(int Hash, int NameAt, int NameLength, byte Type, int ValueAt, int ValueLength);
}
