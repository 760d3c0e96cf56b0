using ActorBroker.Core.Batching;
using ActorBroker.Core.Messages;

namespace ActorBroker.Addresses;

/// <content>
/// The batch on its way into the log of a queue group. The queue has numbered the messages that must be written; for each of these
/// the batch holds a reference. What is settled before it was written is taken out and never written.
/// </content>
internal sealed partial class EnqueueBatch : ILogBatch
{
    private int _cursor;

    BatchedQueue ILogBatch.Queue => InGroup!;

    ILogMove? ILogBatch.Move => Confirm as ILogMove;

    /// <summary>Messages that are still to be written.</summary>
    public int ToWrite { get; private set; }

    /// <summary>The queue has consumers, and few messages wait: these go out soon and may be settled before they are written.</summary>
    public bool IsHandedOut { get; set; }

    /// <summary>The queue as the group knows it that has the batch now; null before its queue has handed it on.</summary>
    internal BatchedQueue? InGroup { get; set; }

    /// <summary>The lowest number that was given in this batch; 0 when there is none.</summary>
    public long FirstNumber { get; private set; }

    /// <summary>The highest one.</summary>
    internal long LastNumber { get; private set; }

    /// <summary>The last write that holds messages of this batch, or says where they were moved to; 0 before the first.</summary>
    public long InWrite { get; set; }

    /// <summary>Numbers the messages that must be written. Done by the queue.</summary>
    /// <param name="last">The last number that was given out.</param>
    /// <param name="all">True when those that are not persistent are written, too, since the queue pages.</param>
    /// <returns>How many must be written.</returns>
    internal int Number(ref long last, bool all)
    {
        for (var i = 0; i < Count; i++)
        {
            if (all || (_messages[i].Flags & MessageFlags.Persistent) != 0)
            {
                NumberOne(i, ref last);
            }
        }

        return ToWrite;
    }

    /// <summary>Numbers one message for the log of its queue.</summary>
    internal ref readonly Message NumberOne(int index, ref long last)
    {
        ref var message = ref _messages[index];
        message.Sequence = ++last;
        FirstNumber = FirstNumber == 0 ? last : FirstNumber;
        LastNumber = last;
        ToWrite++;
        return ref message;
    }

    /// <summary>The queue refused a message that was numbered: nothing of it is written.</summary>
    internal void Unnumber(int index)
    {
        _messages[index].Sequence = 0; // the number is not given again: a gap does no harm
        ToWrite--;
    }

    /// <summary>The next message to write; its reference moves to the caller.</summary>
    public bool TryTakeNext(out Message message)
    {
        while (_cursor < Count)
        {
            ref var next = ref _messages[_cursor++];
            if (next.Sequence != 0)
            {
                message = next;
                next.Sequence = 0;
                ToWrite--;
                return true;
            }
        }

        message = default;
        return false;
    }

    /// <summary>Takes messages out that were settled before they were written.</summary>
    /// <returns>How many were found.</returns>
    public int TakeOut(long first, long last)
    {
        if (last < FirstNumber || first > LastNumber)
        {
            return 0;
        }

        var found = 0;
        for (var i = _cursor; i < Count; i++)
        {
            ref var message = ref _messages[i];
            if (message.Sequence == 0)
            {
                continue;
            }

            if (message.Sequence > last)
            {
                break;
            }

            if (message.Sequence < first)
            {
                var step = (int)Math.Min(first - message.Sequence, Count - i) - 1; // numbers rise by one at most per place
                i += Math.Max(0, step);
                continue;
            }

            message.Sequence = 0;
            message.Release();
            ToWrite--;
            found++;
            if (i == _cursor)
            {
                _cursor++;
            }
        }

        return found;
    }

    /// <summary>Nothing of the batch will be written any more: returns the references that were held for that, and counts as refused.</summary>
    internal void RefuseUnwritten()
    {
        while (TryTakeNext(out var message))
        {
            message.Release();
        }

        Abandon();
    }
}
