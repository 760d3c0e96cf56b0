using System.Runtime.InteropServices;
using ActorBroker.Core.Journal;

namespace ActorBroker.Core.Queues;

/// <summary>
/// What happened to messages that are in the queue's log since the shell last looked: it must be written, sooner or later, so that
/// a restart knows it. Only messages with a <see cref="Messages.Message.Sequence"/> count.
/// </summary>
internal sealed class QueueChanges
{
    private readonly List<SequenceRange> _settled = [];
    private readonly List<(long Sequence, int DeliveryCount)> _returned = [];

    /// <summary>True when there is nothing to write.</summary>
    public bool IsEmpty => _settled.Count == 0 && _returned.Count == 0;

    /// <summary>Messages that are no more, in the order in which they went; neighbours are joined.</summary>
    public ReadOnlySpan<SequenceRange> Settled => CollectionsMarshal.AsSpan(_settled);

    /// <summary>Messages that came back, with the count they have now.</summary>
    public ReadOnlySpan<(long Sequence, int DeliveryCount)> Returned => CollectionsMarshal.AsSpan(_returned);

    /// <summary>A message is no more: acked, dropped, or handed to a consumer that does not ack. 0 is passed over.</summary>
    public void Settle(long sequence)
    {
        if (sequence != 0)
        {
            Settle(new SequenceRange(sequence, sequence));
        }
    }

    /// <summary>A run of them.</summary>
    public void Settle(SequenceRange range)
    {
        if (_settled.Count > 0 && CollectionsMarshal.AsSpan(_settled)[^1] is var last && last.Last + 1 == range.First)
        {
            CollectionsMarshal.AsSpan(_settled)[^1] = new SequenceRange(last.First, range.Last);
            return;
        }

        _settled.Add(range);
    }

    /// <summary>A message was not settled by the consumer that had it.</summary>
    public void Return(long sequence, int deliveryCount)
    {
        if (sequence != 0)
        {
            _returned.Add((sequence, deliveryCount));
        }
    }

    /// <summary>All of it is on its way to the log.</summary>
    public void Clear()
    {
        _settled.Clear();
        _returned.Clear();
    }
}
