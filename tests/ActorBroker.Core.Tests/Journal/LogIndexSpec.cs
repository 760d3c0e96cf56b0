using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Where live messages are stored.</summary>
public sealed class LogIndexSpec
{
    private readonly LogIndex _index = new();

    [Fact]
    public void An_empty_index_knows_nothing()
    {
        Assert.Empty(_index.Queues);
        Assert.Null(_index.Find(1));
        Assert.False(_index.IsLive(1, 1));
        Assert.False(_index.IsStoredAt(1, 1, 0));
        Assert.Null(_index.WindowAfter(1, 0, 100));
        Assert.Null(_index.OldestLive(100));
        Assert.Equal((0, 0, 0, 0), (_index.LastSequenceNr, _index.LogBytes, _index.LiveBytes, _index.DeletableUpTo(100, 100)));
    }

    [Fact]
    public void Messages_are_live_until_they_are_settled()
    {
        Apply(1, LogMessages.Appended(7, 1, 100));
        var queue = _index.Find(7)!;
        Assert.Equal((100, 1000, 101, 100), (queue.Count, queue.Bytes, queue.NextSequence, queue.LastLive));
        Apply(2, LogMessages.Settled(7, new(1, 10), new(50, 50), new(99, 200)));
        Assert.Equal((87, 870, 101, 98), (queue.Count, queue.Bytes, queue.NextSequence, queue.LastLive));
        Assert.Equal([false, true, true, false, true], new long[] { 10, 11, 49, 50, 51 }.Select(s => _index.IsLive(7, s)));
        Apply(3, LogMessages.Settled(7, new SequenceRange(1, 1000)));
        Assert.Equal((0, 0, 101, 0), (queue.Count, queue.Bytes, queue.NextSequence, queue.LastLive));
        Assert.Equal(0, _index.LiveBytes);
    }

    [Fact]
    public void What_is_settled_twice_or_never_stored_or_stored_twice_counts_once()
    {
        Apply(1, LogMessages.Settled(7, new SequenceRange(1, 5)));
        Assert.Null(_index.Find(7));
        Apply(2, LogMessages.Appended(7, 1, 5));
        Apply(3, LogMessages.Appended(7, 3, 6));
        Apply(4, LogMessages.Settled(7, new(2, 3), new(2, 4)));
        Apply(5, LogMessages.Appended(7, 2, 2));
        Assert.Equal((3, 30), (_index.Find(7)!.Count, _index.Find(7)!.Bytes));
        Assert.True(_index.IsStoredAt(7, 5, 2));
        Assert.True(_index.IsStoredAt(7, 6, 3));
    }

    [Fact]
    public void A_message_that_is_settled_in_the_event_that_brings_it_was_never_there()
    {
        Apply(1, LogMessages.Event(w =>
        {
            w.Append(7, LogMessages.Create(1, 10));
            w.Append(7, LogMessages.Create(2, 20));
            w.Settle(7, [new(1, 1)]);
            w.Append(7, LogMessages.Create(3, 30));
        }));
        Assert.Equal((2, 50), (_index.Find(7)!.Count, _index.Find(7)!.Bytes));
        Assert.Equal(50 + (2 * LogMessages.Head), _index.LiveBytes);
        Assert.False(_index.IsLive(7, 1));
    }

    [Fact]
    public void Delivery_counts_live_as_long_as_their_messages()
    {
        Apply(1, LogMessages.Appended(7, 1, 3));
        Apply(2, LogMessages.Event(w =>
        {
            w.Return(7, 1, 1);
            w.Return(7, 2, 5);
            w.Return(7, 4, 9);
            w.Return(8, 1, 9);
        }));
        var queue = _index.Find(7)!;
        Assert.Equal([1, 5, 0, 0], new long[] { 1, 2, 3, 4 }.Select(queue.DeliveryCountOf));
        Assert.Null(_index.Find(8));
        Apply(3, LogMessages.Event(w => w.Relocate(7, LogMessages.Create(2, 10), 1)));
        Apply(4, LogMessages.Settled(7, new SequenceRange(1, 1)));
        Assert.Equal([0, 5], new long[] { 1, 2 }.Select(queue.DeliveryCountOf));
        Apply(5, LogMessages.Settled(7, new SequenceRange(1, 1000)));
        Assert.Equal(0, queue.DeliveryCountOf(2));
    }

    [Fact]
    public void A_mark_is_kept_and_makes_a_queue_known_when_it_says_something()
    {
        Apply(1, LogMessages.Event(w => w.Mark(1, 0)));
        Apply(2, LogMessages.Event(w => w.Mark(2, LogEventWriter.Everything)));
        Assert.Equal([2L], _index.Queues.Select(q => q.Queue));
        Assert.Equal(LogEventWriter.Everything, _index.Find(2)!.MarkedUpTo);
        Apply(3, LogMessages.Event(w => w.Mark(2, 0)));
        Assert.Equal(0, _index.Find(2)!.MarkedUpTo);
    }

    [Fact]
    public void A_removed_queue_is_gone_with_its_messages_and_others_keep_theirs()
    {
        var shared = LogMessages.Create(1, 10, MessageFlags.Shared);
        Apply(1, LogMessages.Event(w =>
        {
            w.Append(1, shared);
            w.Append(2, shared);
        }));
        Apply(2, LogMessages.Event(w => w.Remove(1)));
        Apply(3, LogMessages.Settled(1, new SequenceRange(1, 1)));
        Assert.Null(_index.Find(1));
        Assert.Equal(10 + LogMessages.Head, _index.LiveBytes);
        Assert.Equal(0, _index.DeletableUpTo(3, long.MaxValue));
        Apply(4, LogMessages.Event(w => w.Remove(2)));
        Assert.Equal((0, 4), (_index.LiveBytes, _index.DeletableUpTo(4, long.MaxValue)));
    }

    [Fact]
    public void A_fan_out_is_live_until_the_last_queue_settled_it()
    {
        var messages = Enumerable.Range(1, 3).Select(i => LogMessages.Create(i, 100, MessageFlags.Shared)).ToArray();
        Apply(1, LogMessages.Event(w =>
        {
            foreach (var queue in new[] { 1, 2, 3 })
            {
                Array.ForEach(messages, m => w.Append(queue, m));
            }
        }));
        const int one = 100 + LogMessages.Head;
        Assert.Equal(3 * one, _index.LiveBytes);
        Assert.Equal(300, _index.Find(2)!.Bytes);
        Apply(2, LogMessages.Event(w =>
        {
            w.Settle(1, [new(1, 3)]);
            w.Settle(2, [new(1, 2)]);
        }));
        Assert.Equal(3 * one, _index.LiveBytes);
        Apply(3, LogMessages.Settled(3, new SequenceRange(1, 2)));
        Assert.Equal(one, _index.LiveBytes);
        Apply(4, LogMessages.Settled(3, new SequenceRange(3, 3)));
        Apply(5, LogMessages.Settled(2, new SequenceRange(3, 3)));
        Assert.Equal(0, _index.LiveBytes);
    }

    [Fact]
    public void A_relocated_message_lives_in_its_new_event_only()
    {
        Apply(1, LogMessages.Appended(7, 1, 3));
        Apply(2, LogMessages.Event(w =>
        {
            w.Relocate(7, LogMessages.Create(2, 10), 1);
            w.Relocate(7, LogMessages.Create(4, 10), 1);
            w.Relocate(8, LogMessages.Create(1, 10), 1);
        }));
        Assert.False(_index.IsStoredAt(7, 2, 1));
        Assert.True(_index.IsStoredAt(7, 2, 2));
        Assert.False(_index.IsLive(7, 4));
        Assert.Null(_index.Find(8));
        Assert.Equal((3, 30, 4), (_index.Find(7)!.Count, _index.Find(7)!.Bytes, _index.Find(7)!.NextSequence));
        Apply(3, LogMessages.Settled(7, new(1, 1), new(3, 3)));
        Assert.Equal(1, _index.DeletableUpTo(3, long.MaxValue));
        Apply(4, LogMessages.Event(w => w.Relocate(7, LogMessages.Create(2, 10), 1)));
        Assert.Equal(3, _index.DeletableUpTo(4, long.MaxValue));
        Apply(5, LogMessages.Settled(7, new SequenceRange(2, 2)));
        Assert.Equal((0, 0, 5), (_index.Find(7)!.Count, _index.LiveBytes, _index.DeletableUpTo(5, long.MaxValue)));
    }

    [Fact]
    public void Deletion_stops_at_a_live_message_at_the_snapshot_and_at_its_size()
    {
        for (var i = 1; i <= 5; i++)
        {
            Apply(i * 10, LogMessages.Appended(7, i, i, 1000));
        }

        Apply(60, LogMessages.Settled(7, new(1, 3), new(5, 5)));
        var one = LogMessages.Appended(7, 1, 1, 1000).Length;
        Assert.Equal(30, _index.DeletableUpTo(60, long.MaxValue));
        Assert.Equal(20, _index.DeletableUpTo(29, long.MaxValue));
        Assert.Equal(0, _index.DeletableUpTo(9, long.MaxValue));
        Assert.Equal(10, _index.DeletableUpTo(60, 1));
        Assert.Equal(10, _index.DeletableUpTo(60, (2 * one) - 1));
        Assert.Equal(20, _index.DeletableUpTo(60, 2 * one));
        var before = _index.LogBytes;
        _index.Deleted(20);
        Assert.Equal(before - (2 * one), _index.LogBytes);
        Assert.Equal(30, _index.DeletableUpTo(60, 1));
        Assert.Throws<InvalidOperationException>(() => _index.Deleted(40));
        Assert.True(_index.IsStoredAt(7, 4, 40));
    }

    [Fact]
    public void Events_come_in_order()
    {
        Apply(5, LogMessages.Appended(7, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(5, LogMessages.Appended(7, 2, 2)));
        Assert.Equal(5, _index.LastSequenceNr);
    }

    [Fact]
    public void A_window_has_about_what_was_asked_for_and_whole_events()
    {
        for (var i = 0; i < 20; i++)
        {
            Apply(i + 1, LogMessages.Appended(7, (i * 10) + 1, (i * 10) + 10, 1000));
        }

        Assert.Equal(new LogWindow(1, 1) { UpTo = 10 }, _index.WindowAfter(7, 0, 1));
        Assert.Equal(new LogWindow(1, 2) { UpTo = 20 }, _index.WindowAfter(7, 0, 20_000));
        Assert.Equal(new LogWindow(1, 3) { UpTo = 30 }, _index.WindowAfter(7, 5, 20_000));
        Assert.Equal(new LogWindow(2, 2) { UpTo = 20 }, _index.WindowAfter(7, 10, 1));
        Assert.Equal(new LogWindow(1, 20) { UpTo = 200 }, _index.WindowAfter(7, 0, long.MaxValue));
        Assert.Equal(new LogWindow(20, 20) { UpTo = 200 }, _index.WindowAfter(7, 199, 1));
        Assert.Null(_index.WindowAfter(7, 200, 1));
        Assert.Null(_index.WindowAfter(7, long.MaxValue, 1));
        Assert.Null(_index.WindowAfter(8, 0, 1));
    }

    [Fact]
    public void A_window_does_not_read_much_of_others()
    {
        Apply(1, LogMessages.Appended(7, 1, 1, 1000));
        for (var i = 1; i <= 50; i++)
        {
            Apply(i + 1, LogMessages.Appended(8, i, i, 1000));
        }

        Apply(52, LogMessages.Appended(7, 2, 2, 1000));
        Assert.Equal(new LogWindow(1, 1) { UpTo = 1 }, _index.WindowAfter(7, 0, 3000));
        Assert.Equal(new LogWindow(52, 52) { UpTo = 2 }, _index.WindowAfter(7, 1, 3000));
        Assert.Equal(new LogWindow(1, 52) { UpTo = 2 }, _index.WindowAfter(7, 0, 10_000));
    }

    [Fact]
    public void A_window_before_a_relocated_message_ends_so_that_the_order_is_kept()
    {
        for (var i = 1; i <= 5; i++)
        {
            Apply(i, LogMessages.Appended(7, i, i, 1000));
        }

        Apply(6, LogMessages.Event(w =>
        {
            w.Relocate(7, LogMessages.Create(1, 1000), 1);
            w.Relocate(7, LogMessages.Create(2, 1000), 1);
        }));
        Assert.Equal(new LogWindow(6, 6) { UpTo = 2 }, _index.WindowAfter(7, 0, 100_000));
        Assert.Equal(new LogWindow(3, 5) { UpTo = 5 }, _index.WindowAfter(7, 2, 100_000));
    }

    [Fact]
    public void The_oldest_live_events_are_found_behind_dead_ones()
    {
        for (var i = 1; i <= 20; i++)
        {
            Apply(i, LogMessages.Appended(7, i, i, 1000));
        }

        Apply(21, LogMessages.Settled(7, new(1, 4), new(6, 8), new(10, 19)));
        Assert.Equal(new LogWindow(5, 5), _index.OldestLive(1));
        Assert.Equal(new LogWindow(5, 9), _index.OldestLive(1500));
        Assert.Equal(new LogWindow(5, 20), _index.OldestLive(5000));
        Assert.Equal(new LogWindow(5, 5), _index.OldestLive(200));
    }

    private void Apply(long sequenceNr, byte[] @event) => _index.Apply(sequenceNr, @event);
}
