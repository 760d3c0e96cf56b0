using System.Buffers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>
/// What a queue knows of one consumer (or of a channel that uses basic.get): its limits, and the only record of what it holds unacked.
/// </summary>
internal sealed class QueueConsumer
{
    internal const int LongestRun = 512; // so that the batch grows with what the window lets pass, not with the backlog

    private readonly SequenceRing<Returned> _unacked = new();
    private Message[] _batch = [];

    /// <summary>Whom the shell knows behind it.</summary>
    public required object Link { get; init; }

    /// <summary>Who hands out to it: a queue that fails begins anew as another one.</summary>
    public QueueState? Queue { get; private set; }

    /// <summary>No acks: a message is gone when it is delivered.</summary>
    public bool NoAck { get; init; }

    /// <summary>Holds what basic.get took; is never handed a delivery.</summary>
    public bool GetsOnly { get; init; }

    /// <summary>Most unacked deliveries, 0 for no limit (basic.qos).</summary>
    public int Prefetch { get; init; }

    /// <summary>x-priority: higher ones get everything until they are full. Any int, default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Wants to be the only consumer of the queue.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Bytes under way to the socket; null when nothing is sent (basic.get).</summary>
    public DeliveryWindow? Window { get; init; }

    /// <summary>The channel's shared limit; null when nothing is sent (basic.get).</summary>
    public ChannelGate? Gate { get; init; }

    /// <summary>basic.cancel was seen: no more deliveries, what it holds stays with the channel.</summary>
    public bool Cancelled { get; internal set; }

    /// <summary>Deliveries that wait for an ack.</summary>
    public int Unacked => _unacked.Count;

    /// <summary>Messages of the delivery round that is going on.</summary>
    public ReadOnlySpan<Message> Batch => _batch.AsSpan(0, BatchCount);

    /// <summary>How many those are.</summary>
    public int BatchCount { get; private set; }

    /// <summary>What they cost of the window, in bytes.</summary>
    public long BatchBytes { get; private set; }

    /// <summary>Number of the first of them; the others follow by one.</summary>
    public long BatchFirst { get; private set; }

    /// <summary>Its channel holds it back in the delivery round that is going on.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>Unspent prefetch.</summary>
    internal int Room => Prefetch == 0 || NoAck ? int.MaxValue : Math.Max(0, Prefetch - Unacked);

    internal bool CanTake =>
        !Cancelled && !GetsOnly && !IsHeld && (Prefetch == 0 || NoAck || Unacked < Prefetch) && (Window is null || Window.IsOpen || !Window.Wait());

    /// <summary>Takes the batch out, to hand it to the shell, which returns the array to the shared pool when it is done.</summary>
    public Message[] TakeBatch()
    {
        var batch = _batch;
        _batch = [];
        BatchCount = 0;
        BatchBytes = 0;
        return batch;
    }

    /// <summary>Keeps a message as unacked, or only numbers it for a no-ack consumer.</summary>
    internal long Hold(in Returned message) => NoAck ? _unacked.Skip() : _unacked.Add(message);

    /// <summary>One more message for the delivery round.</summary>
    internal void Add(in Returned message)
    {
        var number = Hold(message);
        BatchFirst = BatchCount == 0 ? number : BatchFirst;
        Grow(BatchCount + 1);
        _batch[BatchCount++] = message.Message;
        Count(message.Message.Length);
    }

    /// <summary>As many of a run as prefetch and window let pass.</summary>
    /// <param name="run">Messages that were never delivered, in order.</param>
    /// <param name="position">Place of the first in the queue.</param>
    /// <param name="bodyBytes">Bytes of the bodies taken.</param>
    /// <returns>How many were taken, from the front.</returns>
    internal int AddRun(ReadOnlySpan<Message> run, long position, out long bodyBytes)
    {
        bodyBytes = 0;
        var taken = 0;
        var most = Math.Min(Math.Min(run.Length, LongestRun), Room);
        Grow(BatchCount + most);
        while (taken < most && (Window is null || Window.IsOpen))
        {
            ref readonly var message = ref run[taken];
            var number = NoAck ? _unacked.Skip() : _unacked.Add(new Returned { Message = message, Position = position + taken });
            BatchFirst = BatchCount == 0 ? number : BatchFirst;
            _batch[BatchCount++] = message;
            bodyBytes += message.BodyLength;
            Count(message.Length);
            taken++;
        }

        return taken;
    }

    private void Count(int length)
    {
        BatchBytes += length + DeliveryWindow.PerMessage;
        Window?.Sent(length + DeliveryWindow.PerMessage);
    }

    private void Grow(int count)
    {
        if (count <= _batch.Length)
        {
            return;
        }

        var larger = ArrayPool<Message>.Shared.Rent(Math.Max(16, count));
        Batch.CopyTo(larger);
        if (_batch.Length > 0)
        {
            ArrayPool<Message>.Shared.Return(_batch, clearArray: true);
        }

        _batch = larger;
    }

    internal bool TryTake(long number, out Returned message) => _unacked.TryTake(number, out message);

    /// <summary>Puts back what <see cref="TryTake"/> took.</summary>
    internal void Restore(long number, in Returned message) => _unacked.Restore(number, message);

    /// <summary>Places of unacked deliveries, live or settled.</summary>
    internal int Places => _unacked.Places;

    /// <summary>
    /// Moves unacked messages out of slabs that are mostly dead. Somebody may be about to send their old bytes: the slab is left to the
    /// collector, and not to the next publisher.
    /// </summary>
    /// <returns>How many places were looked at.</returns>
    internal int CopyOut(int skip, int most) => _unacked.Replace(skip, most, static held =>
    {
        if (held.Message.Owner is { IsSparse: true })
        {
            held.Message = held.Message.Alone();
        }

        return held;
    });

    /// <summary>From now on this one hands out to it; what another one did is back there, and its numbers are not given again.</summary>
    public void ComeTo(QueueState queue)
    {
        Queue = queue;
        while (_unacked.TryTakeFirst(out _, out _))
        {
            // nobody settles it any more
        }
    }

    internal bool TryTakeFirst(out Returned message) => _unacked.TryTakeFirst(out _, out message);
}
