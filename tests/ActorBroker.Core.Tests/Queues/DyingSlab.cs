using System.Globalization;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>
/// A slab that was full and of which one message is left, the test's: who sweeps moves out of it, and its references can be counted.
/// </summary>
internal sealed class DyingSlab
{
    private const int Full = 64;

    private readonly Slab _slab = Slab.Rent();
    private int _position;

    public DyingSlab()
    {
        for (var i = 0; i < Full; i++)
        {
            _slab.Give();
        }

        _slab.Retire();
        _slab.Release(Full - 1);
    }

    /// <summary>A message whose bytes lie in the slab.</summary>
    /// <param name="number">Its body.</param>
    /// <param name="size">Least bytes of the body.</param>
    /// <param name="priority">Its priority.</param>
    /// <param name="ttl">Its time to live, below zero for none.</param>
    public Message Make(int number, int size, byte priority, int ttl)
    {
        var message = QueueBench.Numbered(number, size, priority, ttl < 0 ? null : ttl.ToString(CultureInfo.InvariantCulture));
        message.Buffer.AsSpan(0, message.Length).CopyTo(_slab.Bytes.AsSpan(_position));
        (message.Buffer, message.Owner, message.Offset) = (_slab.Bytes, _slab, _position);
        _position += message.Length;
        _slab.Retain(1);
        return message;
    }

    /// <summary>Every message has returned its reference, and none has returned two.</summary>
    /// <param name="left">Those that may have been left to the collector: unacked when the queue was swept.</param>
    public void CheckAndReturn(int left = 0)
    {
        Assert.InRange(_slab.References, 1, 1 + left);
        if (_slab.References == 1)
        {
            _slab.Release(1);
        }
    }
}
