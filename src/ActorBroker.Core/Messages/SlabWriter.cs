namespace ActorBroker.Core.Messages;

/// <summary>Finds room for messages, one after the other, in slabs. One per connection, used by its read loop only.</summary>
internal sealed class SlabWriter : IDisposable
{
    private Slab? _slab;
    private int _position;

    /// <summary>Room for <paramref name="length"/> bytes: in the current slab, the next one, or a buffer of its own when large.</summary>
    public (byte[] Buffer, Slab? Owner, int Offset) Allocate(int length)
    {
        if (length > Slab.LargestShared)
        {
            return (GC.AllocateUninitializedArray<byte>(length), null, 0);
        }

        if (_slab is null || Slab.Size - _position < length)
        {
            _slab?.Retire();
            _slab = Slab.Rent();
            _position = 0;
        }

        var offset = _position;
        _position += length;
        _slab.Give();
        return (_slab.Bytes, _slab, offset);
    }

    /// <summary>Gives up the slab in hand, so that an idle connection holds none.</summary>
    public void Dispose()
    {
        _slab?.Retire();
        _slab = null;
    }
}
