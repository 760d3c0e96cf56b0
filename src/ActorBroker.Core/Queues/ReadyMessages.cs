using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>What waits in a queue: a lane per priority, highest first; one lane when the queue has none.</summary>
internal sealed class ReadyMessages
{
    private readonly ReadyLane[] _lanes;

    public ReadyMessages(int maxPriority)
    {
        _lanes = new ReadyLane[maxPriority + 1];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new ReadyLane();
        }
    }

    /// <summary>Messages that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Their bodies, in bytes.</summary>
    public long Bytes { get; private set; }

    public bool HasPriorities => _lanes.Length > 1;

    /// <summary>Appends messages that all go to the one lane there is.</summary>
    public void Append(ReadOnlySpan<Message> messages)
    {
        _lanes[0].Append(messages);
        Count += messages.Length;
        foreach (ref readonly var message in messages)
        {
            Bytes += message.BodyLength;
        }
    }

    /// <summary>Appends one message to the lane of its priority.</summary>
    /// <returns>Its position in that lane.</returns>
    public long Append(in Message message, long expiresAt)
    {
        var lane = LaneOf(message);
        lane.Append(new ReadOnlySpan<Message>(in message));
        if (expiresAt != 0)
        {
            lane.SetExpiry(lane.NextPosition - 1, expiresAt);
        }

        Count++;
        Bytes += message.BodyLength;
        return lane.NextPosition - 1;
    }

    public void Return(in Returned message)
    {
        LaneOf(message.Message).Return(message);
        Count++;
        Bytes += message.Message.BodyLength;
    }

    public bool TryTake(out Returned taken)
    {
        for (var i = _lanes.Length - 1; i >= 0; i--)
        {
            if (_lanes[i].TryTake(out taken))
            {
                Count--;
                Bytes -= taken.Message.BodyLength;
                return true;
            }
        }

        taken = default;
        return false;
    }

    /// <summary>Number of the message that leaves next; 0 when it has none, or nothing waits.</summary>
    public long FirstNumber
    {
        get
        {
            for (var i = _lanes.Length - 1; i > 0; i--)
            {
                if (_lanes[i].Count > 0)
                {
                    return _lanes[i].FirstNumber;
                }
            }

            return _lanes[0].FirstNumber;
        }
    }

    /// <summary>The lowest number of those that never left; 0 when there are none, null when that is not known.</summary>
    public long? FirstNewNumber => HasPriorities ? null : _lanes[0].FirstNewNumber;

    /// <summary>A run at the front of the only lane; see <see cref="ReadyLane.PeekRun"/>.</summary>
    public ReadOnlySpan<Message> PeekRun(int most, out long first)
    {
        first = 0;
        return HasPriorities ? default : _lanes[0].PeekRun(most, out first);
    }

    /// <summary>Removes a run that <see cref="PeekRun"/> showed.</summary>
    public void RemoveRun(int count, long bodyBytes)
    {
        _lanes[0].RemoveRun(count);
        Count -= count;
        Bytes -= bodyBytes;
    }

    public bool TryRemove(int priority, long position, long expiresAt, out Message message)
    {
        if (!_lanes[priority].TryRemove(position, expiresAt, out message))
        {
            return false;
        }

        Count--;
        Bytes -= message.BodyLength;
        return true;
    }

    /// <summary>Does the message of that place and time still wait?</summary>
    public bool IsWaiting(int priority, long position, long expiresAt) => _lanes[priority].IsWaiting(position, expiresAt);

    /// <summary>Places of messages in memory, live or gone.</summary>
    public int Slots => _lanes.Sum(static l => l.Slots);

    /// <summary>Moves messages that stay out of shared slabs.</summary>
    public int CopyOut(int skip, int most)
    {
        var looked = 0;
        foreach (var lane in _lanes)
        {
            looked += lane.CopyOut(Math.Max(0, skip), most - looked);
            skip -= lane.Slots;
        }

        return looked;
    }

    private ReadyLane LaneOf(in Message message) => _lanes[Math.Min(message.Priority, _lanes.Length - 1)];
}
