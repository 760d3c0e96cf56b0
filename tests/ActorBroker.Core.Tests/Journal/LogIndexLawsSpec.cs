using ActorBroker.Core.Journal;
using CsCheck;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Random lives of a queue group, beside a model; with crashes and deletions.</summary>
public sealed class LogIndexLawsSpec
{
    private static readonly Gen<List<(int Kind, int A, int B)>> Lives =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 63], Gen.Int[0, 200]).List[0, 60];

    [Fact]
    public void Law_the_index_says_what_a_model_says() =>
        Lives.Sample(
            steps =>
            {
                var history = new LogHistory();
                var index = new LogIndex();
                foreach (var (kind, a, b) in steps)
                {
                    if (history.Do(kind, a, b))
                    {
                        var (sequenceNr, @event) = history.Log[^1];
                        index.Apply(sequenceNr, @event);
                        CompareWithModel(index, history);
                    }
                }
            },
            iter: 100);

    [Fact]
    public void Law_a_snapshot_and_the_events_after_it_give_the_same_index() =>
        Gen.Select(Lives, Gen.Int[0, 1000], Gen.Int[0, 100_000]).Sample(
            (steps, cut, maxBytes) =>
            {
                var history = new LogHistory();
                steps.ForEach(s => history.Do(s.Kind, s.A, s.B));
                var (whole, deleted) = (new LogIndex(), new LogIndex());
                var at = history.Log.Count == 0 ? 0 : cut % (history.Log.Count + 1);
                byte[] snapshot = deleted.ToSnapshot();
                for (var i = 0; i < history.Log.Count; i++)
                {
                    var (sequenceNr, @event) = history.Log[i];
                    whole.Apply(sequenceNr, @event);
                    deleted.Apply(sequenceNr, @event);
                    if (i + 1 == at)
                    {
                        snapshot = deleted.ToSnapshot();
                        Assert.Equal(snapshot, LogIndex.FromSnapshot(snapshot).ToSnapshot());
                    }

                    if (i % 3 == 0)
                    {
                        deleted.Deleted(deleted.DeletableUpTo(sequenceNr, maxBytes));
                        Assert.Equal(history.Log.Where(e => e.SequenceNr <= sequenceNr).Sum(e => e.Event.Length), whole.LogBytes);
                    }
                }

                var recovered = LogIndex.FromSnapshot(snapshot);
                history.Log.Skip(at).ToList().ForEach(e => recovered.Apply(e.SequenceNr, e.Event));
                var expected = Observe(whole, history);
                Assert.Equal(expected, Observe(recovered, history));
                Assert.Equal(expected, Observe(deleted, history));
                Assert.Equal(expected, Observe(LogIndex.FromSnapshot(deleted.ToSnapshot()), history));
                Assert.Equal(deleted.LogBytes, LogIndex.FromSnapshot(deleted.ToSnapshot()).LogBytes);
            },
            iter: 200);

    private static void CompareWithModel(LogIndex index, LogHistory history)
    {
        var model = history.Model;
        Assert.Equal(history.Log[^1].SequenceNr, index.LastSequenceNr);
        Assert.Equal(history.Log.Sum(e => e.Event.Length), index.LogBytes);
        Assert.Equal(model.LiveBytes, index.LiveBytes);
        Assert.Equal(model.Queues.Keys.Order(), index.Queues.Select(q => q.Queue).Order());
        foreach (var uid in LogHistory.Uids)
        {
            CompareQueue(index, uid, history);
        }

        var oldest = model.Live.Values.Select(e => e.SequenceNr).DefaultIfEmpty(long.MaxValue).Min();
        var deletable = history.Log.Where(e => e.SequenceNr < oldest).Select(e => e.SequenceNr).LastOrDefault();
        Assert.Equal(deletable, index.DeletableUpTo(long.MaxValue, long.MaxValue));
        Assert.Equal(Math.Min(deletable, 1), index.DeletableUpTo(long.MaxValue, 0));
        var window = index.OldestLive(1);
        Assert.Equal(oldest == long.MaxValue ? null : oldest, window?.FirstSequenceNr);
    }

    private static void CompareQueue(LogIndex index, long uid, LogHistory history)
    {
        var model = history.Model;
        var live = model.Live.Where(e => e.Key.Queue == uid).OrderBy(e => e.Key.Sequence).ToList();
        var queue = index.Find(uid);
        Assert.Equal(model.Queues.ContainsKey(uid), queue is not null);
        if (queue is not null)
        {
            Assert.Equal((live.Count, live.Sum(e => (long)e.Value.Size)), (queue.Count, queue.Bytes));
            Assert.Equal((model.NextOf(uid), model.Queues[uid].MarkedUpTo), (queue.NextSequence, queue.MarkedUpTo));
            Assert.Equal(live.Select(e => e.Key.Sequence).LastOrDefault(), queue.LastLive);
        }

        for (var sequence = 0L; sequence <= model.NextOf(uid) + 1; sequence++)
        {
            var entry = model.Live.GetValueOrDefault((uid, sequence));
            Assert.Equal(entry is not null, index.IsLive(uid, sequence));
            Assert.Equal(entry?.DeliveryCount ?? 0, queue?.DeliveryCountOf(sequence) ?? 0);
            Assert.Equal(entry is not null, index.IsStoredAt(uid, sequence, entry?.SequenceNr ?? 1));
            Assert.False(index.IsStoredAt(uid, sequence, (entry?.SequenceNr ?? 0) + 1));
        }

        foreach (var maxBytes in new[] { 0L, 2000, 1_000_000_000 })
        {
            CompareWindows(index, uid, maxBytes, [.. live.Select(e => (e.Key.Sequence, e.Value))], history);
        }
    }

    /// <summary>Pages a queue back: all its live messages come, once each, in order.</summary>
    private static void CompareWindows(
        LogIndex index, long uid, long maxBytes, List<(long Sequence, LogModel.Entry Entry)> live, LogHistory history)
    {
        var read = 0;
        var after = 0L;
        while (index.WindowAfter(uid, after, maxBytes) is { } window)
        {
            var bytes = 0L;
            var first = read;
            for (; read < live.Count && live[read].Sequence <= window.UpTo; read++)
            {
                Assert.InRange(live[read].Entry.SequenceNr, window.FirstSequenceNr, window.LastSequenceNr);
                bytes += live[read].Entry.SequenceNr < window.LastSequenceNr ? live[read].Entry.Size : 0;
                Assert.True(read > first || live[read].Sequence > after);
            }

            Assert.Equal(read - first, index.CountLive(uid, after, window.UpTo));
            Assert.InRange(bytes, 0, Math.Max(maxBytes, 16 * maxBytes));
            var log = history.Log.Where(e => e.SequenceNr >= window.FirstSequenceNr && e.SequenceNr <= window.LastSequenceNr).ToList();
            Assert.True(log.Count == 1 || log.Sum(e => (long)e.Event.Length) <= 16 * maxBytes);
            Assert.Equal(live[read - 1].Sequence, window.UpTo);
            after = window.UpTo;
        }

        Assert.Equal(live.Count, read);
    }

    private static List<string> Observe(LogIndex index, LogHistory history)
    {
        var seen = new List<string> { $"last {index.LastSequenceNr} live {index.LiveBytes} oldest {index.OldestLive(5000)}" };
        foreach (var queue in index.Queues.OrderBy(q => q.Queue))
        {
            seen.Add($"{queue.Queue}: {queue.Count} {queue.Bytes} {queue.NextSequence} {queue.MarkedUpTo} {queue.LastLive}");
            for (var sequence = 1L; sequence < queue.NextSequence; sequence++)
            {
                var place = history.Log.Find(e => index.IsStoredAt(queue.Queue, sequence, e.SequenceNr)).SequenceNr;
                Assert.Equal(place > 0, index.IsLive(queue.Queue, sequence));
                seen.Add($"{sequence} at {place} x{queue.DeliveryCountOf(sequence)} {index.WindowAfter(queue.Queue, sequence, sequence * 10)}");
            }
        }

        return seen;
    }
}
