using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>A random life of a queue group: its log, and what is live in it.</summary>
internal sealed class LogHistory
{
    private const int QueueCount = 4;

    private readonly LogEventWriter _writer = new();
    private long _sequenceNr = 1;

    public LogHistory() => _writer.Begin(0);

    public LogModel Model { get; } = new();

    public List<(long SequenceNr, byte[] Event)> Log { get; } = [];

    /// <summary>The uids that may occur.</summary>
    public static IEnumerable<long> Uids => Enumerable.Range(0, QueueCount + 1).Select(i => 1000L * i);

    /// <summary>One step.</summary>
    /// <returns>True when an event was completed.</returns>
    public bool Do(int kind, int a, int b)
    {
        var queue = 1000L * (1 + (a % QueueCount));
        switch (kind)
        {
            case <= 2:
                Append(queue, 1 + (b % 6), b);
                break;
            case 3:
                Append(queue, b, a);
                break;
            case 4:
                FanOut(1 + (b % 90), a);
                break;
            case 5:
                Settle(queue, Ordinal(queue, b), a % 3);
                break;
            case 6:
                Settle(queue, 1, b * 2);
                break;
            case 7:
                SettleAllBut(queue, 2 + (b % 20));
                break;
            case 8:
                Return(queue, Ordinal(queue, b), a % 4);
                break;
            case 9:
                Mark(queue, (b % 3) switch { 0 => 0, 1 => LogEventWriter.Everything, _ => 1 + (b % 400) });
                break;
            case 10:
                Relocate(b);
                break;
            case 11 when b % 8 == 0:
                _writer.Remove(queue);
                Model.Remove(queue);
                return Commit(1); // uids are not given again: no event holds two lives of one
            case 12:
                Again(queue, b);
                break;
            default:
                return Commit(b % 10 == 0 ? 3 : 1);
        }

        return kind % 2 == 0 && Commit(1);
    }

    private bool Commit(int step)
    {
        Log.Add((_sequenceNr, _writer.ToEvent()));
        _writer.Begin(0);
        _sequenceNr += step;
        return true;
    }

    private void Append(long queue, int count, int choice)
    {
        for (var i = 0; i < count; i++)
        {
            var size = choice % 3 == 0 ? 10 : (i * choice) % (choice % 7 == 0 ? 100_000 : 300);
            Append(queue, LogMessages.Create(Model.NextOf(queue) + (choice % 5 == 0 ? i % 4 : 0), size));
        }
    }

    private void FanOut(int count, int choice)
    {
        var messages = new Message[count];
        for (var i = 0; i < count; i++)
        {
            messages[i] = LogMessages.Create(1, choice % 2 == 0 ? 50 : (i * choice) % 200, MessageFlags.Shared);
        }

        for (var q = 1; q <= QueueCount; q++)
        {
            if ((choice >> q & 1) == 0)
            {
                continue;
            }

            foreach (var message in messages)
            {
                Append(q * 1000, message.At(Model.NextOf(q * 1000)));
            }
        }
    }

    private void Append(long queue, in Message message)
    {
        _writer.Append(queue, message);
        Model.Append(queue, message, _sequenceNr);
    }

    // a message that is in the log already
    private void Again(long queue, int choice)
    {
        var known = Model.NextOf(queue) - 1;
        if (known > 0)
        {
            Append(queue, LogMessages.Create(1 + (choice % known), 10));
        }
    }

    private long Ordinal(long queue, int choice) => 1 + (choice * 7 % Math.Max(1, Model.NextOf(queue)));

    private void Settle(long queue, long first, int more)
    {
        SequenceRange[] ranges = [new(first, first + more), new(1, 1)];
        _writer.Settle(queue, ranges);
        Array.ForEach(ranges, r => Model.Settle(queue, r));
    }

    private void SettleAllBut(long queue, int each)
    {
        var ranges = Enumerable.Range(1, (int)Model.NextOf(queue)).Where(i => i % each != 0).Select(i => new SequenceRange(i, i)).ToArray();
        _writer.Settle(queue, ranges);
        Array.ForEach(ranges, r => Model.Settle(queue, r));
    }

    private void Return(long queue, long sequence, int count)
    {
        _writer.Return(queue, sequence, count);
        Model.Return(queue, sequence, count);
    }

    private void Mark(long queue, long upTo)
    {
        _writer.Mark(queue, upTo);
        Model.Mark(queue, upTo);
    }

    // as the cleaning does: the live messages of an event, in the order in which they are read
    private void Relocate(int choice)
    {
        if (Log.Count == 0)
        {
            return;
        }

        var (sequenceNr, @event) = Log[choice % 3 == 0 ? choice % Log.Count : Oldest()];
        var reader = new LogEventReader(@event);
        while (reader.MoveNext())
        {
            if (reader.Kind is LogRecordKind.Appended or LogRecordKind.Relocated
                && Model.Live.TryGetValue((reader.Queue, reader.Sequence), out var entry) && entry.SequenceNr == sequenceNr)
            {
                _writer.Relocate(reader.Queue, reader.Message, reader.MessageTime);
                Model.Relocate(reader.Queue, reader.Message, _sequenceNr);
            }
        }
    }

    private int Oldest()
    {
        var oldest = Model.Live.Values.Select(e => e.SequenceNr).DefaultIfEmpty(0).Min();
        return Math.Max(0, Log.FindIndex(e => e.SequenceNr == oldest));
    }
}
