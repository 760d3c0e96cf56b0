using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <content>
/// The deep end: of a queue with a log, only the head is in memory. What comes while the head is full is in the log only, and is
/// read back, oldest first, as the head is used up. Queues with priorities read back all before they hand out anything.
/// </content>
internal sealed partial class QueueState
{
    private const int MostWaits = 16; // publishers that never pause must not keep consumers waiting for ever
    private const int PerMessage = 64; // what a message costs besides its bytes

    private int _waits;

    /// <summary>Messages at the tail that are in the log only.</summary>
    public int Stored => _stored;

    /// <summary>Memory of the messages that wait, in bytes.</summary>
    public long Resident => _ready.Bytes + ((long)_ready.Count * PerMessage);

    /// <summary>Bytes of waiting messages to keep in memory; more is only in the log. For queues with a log.</summary>
    public long Window { get; set; } = long.MaxValue;

    /// <summary>True when the next message goes to the log only: it needs a sequence number, persistent or not.</summary>
    public bool IsPaging => _stored > 0 || (_limits.MaxPriority == 0 && Resident >= Window);

    /// <summary>True when messages should be read back from the log: somebody wants them, or nobody knows when the first one expires.</summary>
    /// <param name="asked">Somebody waits for a message (basic.get).</param>
    public bool WantsMore(bool asked) =>
        _stored > 0 && (_limits.MaxPriority > 0 || Resident < Window / 2) && (asked || ConsumerCount > 0 || IsOver || _ready.Count == 0);

    /// <summary>True when a getter would find something in memory.</summary>
    public bool HasHead => _ready.Count > 0 && !WaitsForAll && ShutAt == 0;

    /// <summary>Messages went to the log only. Their references stay with the caller.</summary>
    public void ApplyStored(ReadOnlySpan<Message> messages)
    {
        foreach (ref readonly var message in messages)
        {
            _storedBytes += message.BodyLength;
        }

        _stored += messages.Length;
    }

    /// <summary>An earlier life has left these in the log.</summary>
    public void ApplyRecovered(int count, long bodyBytes)
    {
        _stored = _recovered = count;
        _storedBytes = bodyBytes;
    }

    /// <summary>The next message was read back.</summary>
    /// <param name="message">The message.</param>
    /// <param name="enqueued">When it was published, in milliseconds of the caller's clock; before the clock began when negative.</param>
    public void ApplyLoaded(Message message, long enqueued)
    {
        Unstore(message);
        message.Priority = (byte)Math.Min(message.Priority, _limits.MaxPriority);
        var expiresAt = ExpiryOf(message, enqueued);
        var position = _ready.Append(message, expiresAt);
        if (expiresAt != 0)
        {
            _expiries.Add(message.Priority, position, expiresAt);
        }
    }

    /// <summary>The next message was read back, and an earlier life should not have left it: it was not persistent.</summary>
    public void ApplyForgotten(in Message message)
    {
        Unstore(message);
        Changes.Settle(message.Sequence);
    }

    /// <summary>Messages in the log can never be read back, since their event is damaged.</summary>
    public void ApplyLost(int count, long bodyBytes)
    {
        _stored = Math.Max(0, _stored - count);
        _recovered = Math.Max(0, _recovered - count);
        _storedBytes = Math.Max(0, _storedBytes - bodyBytes);
    }

    /// <summary>The log holds nothing more of this queue.</summary>
    /// <returns>How many messages were counted that the log does not have; 0 unless there is a fault.</returns>
    public int ApplyAllLoaded()
    {
        var missing = _stored;
        _stored = _recovered = 0;
        _storedBytes = 0;
        return missing;
    }

    /// <summary>Priorities can be told apart only when all messages of an earlier life are there.</summary>
    private bool WaitsForAll => _recovered > 0 && _limits.MaxPriority > 0;

    private void Unstore(in Message message)
    {
        _stored--;
        _recovered = Math.Max(0, _recovered - 1);
        if (_recovered == 0 && _stored > 0 && _waits < MostWaits)
        {
            (_recovered, _waits) = (_stored, _waits + 1); // what came meanwhile may be more urgent than all of it
        }

        _storedBytes -= message.BodyLength;
    }
}
