using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>What the index must say, the slow way: one entry per live message.</summary>
internal sealed class LogModel
{
    private readonly Dictionary<(long Queue, long Sequence), Entry> _live = [];
    private readonly Dictionary<long, Known> _queues = [];

    public IReadOnlyDictionary<(long Queue, long Sequence), Entry> Live => _live;

    public IReadOnlyDictionary<long, Known> Queues => _queues;

    /// <summary>Stored bytes that are live.</summary>
    public long LiveBytes => _live.Values.DistinctBy(e => (e.SequenceNr, e.Body)).Sum(e => e.Size + LogMessages.Head);

    public long NextOf(long queue) => _queues.TryGetValue(queue, out var known) ? known.Next : 1;

    public void Append(long queue, in Message message, long sequenceNr)
    {
        var known = FindOrAdd(queue);
        if (message.Sequence >= known.Next)
        {
            known.Next = message.Sequence + 1;
            _live.Add((queue, message.Sequence), new Entry(sequenceNr, BodyOf(message), message.BodyLength, 0));
        }
    }

    public void Relocate(long queue, in Message message, long sequenceNr)
    {
        if (_live.TryGetValue((queue, message.Sequence), out var entry) && entry.SequenceNr != sequenceNr)
        {
            _live[(queue, message.Sequence)] = entry with { SequenceNr = sequenceNr, Body = BodyOf(message) };
        }
    }

    public void Settle(long queue, SequenceRange range)
    {
        foreach (var key in _live.Keys.Where(k => k.Queue == queue && k.Sequence >= range.First && k.Sequence <= range.Last).ToList())
        {
            _live.Remove(key);
        }
    }

    public void Return(long queue, long sequence, int count)
    {
        if (_live.TryGetValue((queue, sequence), out var entry))
        {
            _live[(queue, sequence)] = entry with { DeliveryCount = count };
        }
    }

    public void Mark(long queue, long upTo)
    {
        if (upTo > 0 || _queues.ContainsKey(queue))
        {
            FindOrAdd(queue).MarkedUpTo = upTo;
        }
    }

    public void Remove(long queue)
    {
        Settle(queue, new SequenceRange(1, long.MaxValue));
        _queues.Remove(queue);
    }

    // one body per event for a shared message, wherever it comes from
    private static object BodyOf(in Message message) =>
        (message.Flags & MessageFlags.Shared) != 0 ? (message.Buffer, message.Offset) : new object();

    private Known FindOrAdd(long queue)
    {
        if (!_queues.TryGetValue(queue, out var known))
        {
            _queues.Add(queue, known = new Known());
        }

        return known;
    }

    public sealed record Entry(long SequenceNr, object Body, int Size, int DeliveryCount);

    public sealed class Known
    {
        public long Next { get; set; } = 1;

        public long MarkedUpTo { get; set; }
    }
}
