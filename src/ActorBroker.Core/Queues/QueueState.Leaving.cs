namespace ActorBroker.Core.Queues;

/// <content>What leaves by a rule. All of it can be done in steps: a million may be due at once.</content>
internal sealed partial class QueueState
{
    /// <summary>Messages that left by a rule since the last <see cref="TakeLeaving"/>, in order.</summary>
    public bool HasLeaving => _leaving.Count > 0;

    /// <summary>When the next message expires, in milliseconds of the caller's clock; null when none does.</summary>
    public long? NextExpiry => _expiries.Next;

    /// <summary>True when a drop-head queue holds more than it can: nobody is to get what must be dropped.</summary>
    public bool IsOverflowing => _limits.Overflow == QueueOverflow.DropHead && IsOver && _ready.Count > 0;

    /// <summary>Drops from the head what a full drop-head queue can no longer hold.</summary>
    /// <param name="most">At most this many.</param>
    /// <returns>How many were dropped.</returns>
    public int DropOverflow(int most = int.MaxValue)
    {
        var dropped = 0;
        while (dropped < most && IsOverflowing && _ready.TryTake(out var oldest))
        {
            _leaving.Enqueue(new Leaving(oldest.Message, LeaveReason.MaxLength));
            dropped++;
        }

        return dropped;
    }

    /// <summary>Lets go of every waiting message whose time is up, wherever it stands in the queue.</summary>
    /// <param name="now">The caller's clock, in milliseconds.</param>
    /// <param name="most">At most this many are looked at; when more are overdue, <see cref="NextExpiry"/> has passed.</param>
    /// <returns>How many were looked at.</returns>
    public int Expire(long now, int most = int.MaxValue)
    {
        var left = most;
        while (_expiries.TryExpire(now, ref left, out var message))
        {
            _leaving.Enqueue(new Leaving(message, LeaveReason.Expired));
        }

        return most - left;
    }

    /// <summary>Moves what left by a rule to the shell, which dead-letters or drops it.</summary>
    /// <param name="into">Where to.</param>
    /// <param name="most">At most this many; the oldest go first.</param>
    public void TakeLeaving(List<Leaving> into, int most = int.MaxValue)
    {
        while (most-- > 0 && _leaving.TryDequeue(out var left))
        {
            into.Add(left);
        }
    }
}
