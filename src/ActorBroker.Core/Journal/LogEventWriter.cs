using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Journal;

/// <summary>Encodes one event of a queue group's log after the other. The memory is used again: only <see cref="ToEvent"/> allocates.</summary>
/// <remarks>Layout: version, time, then records as <see cref="RecordTag"/> tells, and the CRC-32C of all that and of the place, little-endian.</remarks>
internal sealed class LogEventWriter
{
    /// <summary>Bytes of an event, at most, unless one message needs more: events stay below the large-object threshold of 85 000 bytes.</summary>
    public const int Target = 80_000;

    /// <summary>A mark that says of no message that it was never handed out.</summary>
    public const long Everything = long.MaxValue;

    private const int Slack = 64; // what a record and the checksum need beside the message's bytes, at most

    private readonly ByteBuilder _bytes = new(Target + 4096);
    private readonly WrittenBodies _bodies = new();
    private int _start;
    private long _time;
    private long _queue;
    private long _next; // the sequence that needs no words; 0 when there is none

    /// <summary>Bytes so far.</summary>
    public int Length => _bytes.Length;

    /// <summary>True when there is no record since <see cref="Begin"/>.</summary>
    public bool IsEmpty => _bytes.Length == _start;

    /// <summary>Starts an event; what was written before and not taken is forgotten.</summary>
    /// <param name="unixMilliseconds">The time of the event: when its messages came.</param>
    public void Begin(long unixMilliseconds)
    {
        Clear();
        _time = unixMilliseconds;
        _bytes.Byte(RecordTag.Version);
        _bytes.Varint(unixMilliseconds);
        _start = _bytes.Length;
    }

    /// <summary>
    /// May a record with <paramref name="bytes"/> bytes go into this event? An empty event takes anything: a message that is larger than
    /// <see cref="Target"/> gets an event of its own.
    /// </summary>
    public bool HasRoomFor(int bytes) => IsEmpty || (long)Length + bytes + Slack <= Target;

    /// <summary>A message came to a queue. Cheapest when it is the queue's next after the message written before.</summary>
    /// <param name="queue">The queue's uid.</param>
    /// <param name="message">Its <see cref="Message.Sequence"/> is above 0. A shared message is stored once per event.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message has no sequence.</exception>
    public void Append(long queue, in Message message)
    {
        Head((int)LogRecordKind.Appended, queue, message, out var earlier);
        Store(message, earlier);
    }

    /// <summary>The same message again, further up in the log, because it alone keeps old events from being deleted.</summary>
    /// <param name="queue">The queue's uid.</param>
    /// <param name="message">The message as it was read from the log.</param>
    /// <param name="originalUnixMilliseconds">When it came: <see cref="LogEventReader.MessageTime"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message has no sequence.</exception>
    public void Relocate(long queue, in Message message, long originalUnixMilliseconds)
    {
        Head((int)LogRecordKind.Relocated, queue, message, out var earlier);
        _bytes.Signed(originalUnixMilliseconds - _time);
        Store(message, earlier);
    }

    /// <summary>Messages left a queue. Ascending ranges are the shortest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is empty or starts below 1.</exception>
    public void Settle(long queue, ReadOnlySpan<SequenceRange> ranges)
    {
        foreach (var range in ranges)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(range.First, 1, nameof(ranges));
            ArgumentOutOfRangeException.ThrowIfLessThan(range.Last, range.First, nameof(ranges));
        }

        if (ranges.IsEmpty)
        {
            return;
        }

        Head((int)LogRecordKind.Settled, queue);
        _bytes.Varint(ranges.Length);
        var last = 0L;
        foreach (var range in ranges)
        {
            _bytes.Signed(range.First - last);
            _bytes.Varint(range.Last - range.First);
            last = range.Last;
        }
    }

    /// <summary>A message was handed out and came back: <c>x-delivery-count</c> survives a restart.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence is below 1, or the count negative.</exception>
    public void Return(long queue, long sequence, int deliveryCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(deliveryCount);
        Head((int)LogRecordKind.Returned, queue);
        _bytes.Varint(sequence);
        _bytes.Varint(deliveryCount);
    }

    /// <summary>Messages up to a sequence may have been handed out, later ones not.</summary>
    /// <param name="queue">The queue's uid.</param>
    /// <param name="upTo">0: none. <see cref="Everything"/>: nobody knows which.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sequence is negative.</exception>
    public void Mark(long queue, long upTo)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(upTo);
        var tag = upTo switch { 0 => 0, Everything => RecordTag.Consumed, _ => RecordTag.Consumed | RecordTag.UpTo };
        Head((int)LogRecordKind.Marked | tag, queue);
        if ((tag & RecordTag.UpTo) != 0)
        {
            _bytes.Varint(upTo);
        }
    }

    /// <summary>The queue is gone with all its messages.</summary>
    public void Remove(long queue) => Head((int)LogRecordKind.Removed, queue);

    /// <summary>The event, in an array of exactly its size. Then <see cref="Begin"/> must be called again.</summary>
    /// <param name="place">Where it goes: one of <see cref="LogPlaces"/>.</param>
    /// <exception cref="InvalidOperationException">There was no <see cref="Begin"/>.</exception>
    public byte[] ToEvent(long place = 0)
    {
        MustHaveBegun();
        Crc32C.Close(_bytes, place);
        var exact = _bytes.ToArray();
        Clear();
        return exact;
    }

    private void Clear()
    {
        _bytes.Clear();
        _bodies.Clear();
        (_start, _queue, _next) = (0, 0, 0);
    }

    private void Head(int tag, long queue)
    {
        MustHaveBegun();
        _bytes.Byte((byte)tag);
        _bytes.Varint(queue);
    }

    private void Head(int tag, long queue, in Message message, out int earlier)
    {
        MustHaveBegun();
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Sequence, 1, nameof(message));
        earlier = 0;
        if ((message.Flags & MessageFlags.Shared) != 0)
        {
            earlier = _bodies.Find(message, _bytes.Written);
            tag |= RecordTag.Shared | (earlier > 0 ? RecordTag.Reference : 0);
        }

        if (message.Sequence == _next && queue == _queue)
        {
            _bytes.Byte((byte)(tag | RecordTag.Next));
        }
        else
        {
            _bytes.Byte((byte)tag);
            _bytes.Varint(queue);
            _bytes.Varint(message.Sequence);
        }

        _queue = queue;
        _next = message.Sequence + 1;
    }

    private void Store(in Message message, int earlier)
    {
        _bytes.Byte((byte)(message.Flags & ~RecordTag.NotStored));
        _bytes.Byte(message.Priority);
        if (earlier > 0)
        {
            _bytes.Varint(earlier);
            return;
        }

        var place = _bytes.Length;
        _bytes.Varint(message.NamesLength);
        _bytes.Varint(message.HeaderLength);
        _bytes.Varint(message.BodyLength);
        if ((message.Flags & MessageFlags.Shared) != 0)
        {
            _bodies.Add(message, place, _bytes.Length);
        }

        _bytes.Bytes(message.Buffer.AsSpan(message.Offset, message.Length));
    }

    private void MustHaveBegun()
    {
        if (_start == 0)
        {
            throw new InvalidOperationException("An event starts with Begin.");
        }
    }
}
