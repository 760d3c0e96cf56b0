using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Runs alone: the process's memory is measured.</summary>
[CollectionDefinition(nameof(LogIndexBudgetSpec), DisableParallelization = true)]
public sealed class LogIndexBudgetCollection;

/// <summary>Bytes per message and per event: nearly the same on every machine.</summary>
[Collection(nameof(LogIndexBudgetSpec))]
public sealed class LogIndexBudgetSpec
{
    private const int PerEvent = 76;

    [Fact]
    public void Writing_an_event_allocates_the_event()
    {
        var writer = new LogEventWriter();
        var messages = Enumerable.Range(1, 1000).Select(i => LogMessages.Create(i, 40, i % 2 == 0 ? MessageFlags.Shared : 0)).ToArray();
        var length = 0;
        var bytes = Least(() => length = Write().Length);
        Assert.InRange(bytes, length, length + 32);

        byte[] Write()
        {
            writer.Begin(1_700_000_000_000);
            foreach (var message in messages)
            {
                writer.Append(1, message);
                if ((message.Flags & MessageFlags.Shared) != 0)
                {
                    writer.Append(2, message);
                }
            }

            return writer.ToEvent();
        }
    }

    [Theory]
    [InlineData("in order")]
    [InlineData("one by one at random")]
    public void Settling_allocates_nothing_per_message(string order)
    {
        var index = new LogIndex();
        const int rounds = 6;
        const int each = PerEvent * 100;
        var sequenceNr = Fill(index, rounds * each / PerEvent, PerEvent);
        var sequences = Enumerable.Range(1, each).Select(i => (long)i).ToArray();
        if (order != "in order")
        {
            new Random(1).Shuffle(sequences);
        }

        var settlements = Enumerable.Range(0, rounds).Select(round => LogMessages.Event(w =>
        {
            if (order == "in order")
            {
                w.Settle(1, [new((round * each) + 1, (round + 1) * each)]);
            }
            else
            {
                w.Settle(1, [.. sequences.Select(s => new SequenceRange((round * each) + s, (round * each) + s))]);
            }
        })).ToArray();
        var next = 0;
        Assert.InRange(Least(() => index.Apply(++sequenceNr, settlements[next++]), rounds), 0, 400);
        Assert.Equal(0, index.Find(1)!.Count);
    }

    [Fact]
    public void Reading_an_event_allocates_nothing()
    {
        var @event = LogMessages.Appended(1, 1, 500, 20);
        var bytes = 0L;
        Assert.Equal(0, Least(() =>
        {
            var reader = new LogEventReader(@event);
            while (reader.MoveNext())
            {
                bytes += reader.Message.BodyLength;
            }
        }));
        Assert.Equal(50_000, bytes);
    }

    [Theory]
    [InlineData("76 messages of a kilobyte per event", 2_000_000, 1200)]
    [InlineData("76 messages of many sizes per event", 12_000_000, 2_200_000)]
    [InlineData("one message per event", 90_000_000, 400)]
    [InlineData("one message of some size per event", 90_000_000, 4_500_000)]
    [InlineData("76 messages for four queues per event", 18_000_000, 100_000)]
    public void A_million_messages_cost_little_memory_and_a_small_snapshot(string scene, long memory, long snapshot)
    {
        var perEvent = scene.StartsWith("one") ? 1 : PerEvent;
        var before = Memory();
        var index = new LogIndex();
        Fill(index, 1_000_000 / perEvent, perEvent, varied: scene.Contains("size"), queues: scene.Contains("four") ? 4 : 1);
        var used = Memory() - before;
        var state = index.ToSnapshot();
        Assert.InRange(index.Find(1)!.Count, 999_000, 1_000_000);
        Assert.InRange(used, 1, memory);
        Assert.InRange(state.Length, 1, snapshot);
        Assert.Equal(index.LiveBytes, LogIndex.FromSnapshot(state).LiveBytes);
        before = Memory();
        var recovered = LogIndex.FromSnapshot(state);
        Assert.InRange(Memory() - before, 1, memory);
        GC.KeepAlive((index, recovered));
    }

    [Fact]
    public void One_message_that_stays_does_not_make_the_index_remember_all_that_came_after_it()
    {
        var index = new LogIndex();
        index.Apply(1, LogMessages.Appended(1, 1, 1));
        var before = Memory();
        for (var i = 2L; i < 400_000; i += 2)
        {
            index.Apply(i, LogMessages.Appended(1, i, i));
            index.Apply(i + 1, LogMessages.Settled(1, new SequenceRange(i, i)));
            if (i % 1000 == 0)
            {
                index.Apply(i + 2, LogMessages.Event(w => w.Relocate(1, LogMessages.Create(1, 10), 1000)));
                index.Deleted(index.DeletableUpTo(i + 1, long.MaxValue));
                i += 2;
            }
        }

        Assert.InRange(Memory() - before, -1_000_000, 200_000);
        Assert.True(index.IsLive(1, 1));
    }

    [Fact]
    public void Ten_thousand_idle_queues_cost_little()
    {
        // others' memory that the runtime's pools give back meanwhile does not count: the middle of three
        var used = Enumerable.Range(0, 3).Select(_ => Idle()).Order().ElementAt(1);
        Assert.InRange(used, 1, 700);

        static long Idle()
        {
            var before = Memory();
            var index = new LogIndex();
            for (var queue = 1; queue <= 10_000; queue++)
            {
                index.Apply((queue * 2) - 1, LogMessages.Appended(queue, 1, 200));
                index.Apply(queue * 2, LogMessages.Settled(queue, new SequenceRange(1, 199)));
            }

            index.Deleted(index.DeletableUpTo(long.MaxValue, long.MaxValue));
            var used = Memory() - before;
            GC.KeepAlive(index);
            return used / 10_000;
        }
    }

    /// <summary>Bytes that are in use, without what only waits for its finalizer.</summary>
    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static long Fill(LogIndex index, int events, int perEvent, bool varied = false, int queues = 1)
    {
        var writer = new LogEventWriter();
        var body = LogMessages.Create(1, 4096, queues > 1 ? MessageFlags.Shared : MessageFlags.Persistent);
        var messages = Enumerable.Range(0, perEvent).Select(_ => Copy(body)).ToArray();
        for (var i = 0; i < events; i++)
        {
            writer.Begin(1_700_000_000_000 + i);
            for (var queue = 1; queue <= queues; queue++)
            {
                for (var m = 0; m < perEvent; m++)
                {
                    ref var message = ref messages[m];
                    message.Sequence = ((long)i * perEvent) + m + 1;
                    message.BodyLength = varied ? (int)(message.Sequence * 7919 % 2000) : 1024;
                    writer.Append(queue, message);
                }
            }

            index.Apply(i + 1, writer.ToEvent());
        }

        return events;
    }

    private static Message Copy(Message message)
    {
        message.Buffer = (byte[])message.Buffer!.Clone();
        return message;
    }

    /// <summary>Bytes allocated, at the least: the first time tables grow.</summary>
    private static long Least(Action work, int rounds = 5)
    {
        var least = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
