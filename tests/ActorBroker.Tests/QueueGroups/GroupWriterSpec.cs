using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.QueueGroups;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>What a group writes and what it need not write, and when publishers are answered.</summary>
public sealed class GroupWriterSpec
{
    private readonly WriterBench _bench = new();
    private readonly GroupQueue _queue;

    public GroupWriterSpec() => _queue = _bench.Queue();

    private BenchWriter Writer => _bench.Writer;

    [Fact]
    public void A_batch_is_answered_when_its_write_is_committed_and_not_before()
    {
        var confirm = _bench.Add(_queue, 3);
        Assert.True(Writer.IsUrgent);
        Assert.Equal(["append 1.1", "append 1.2", "append 1.3"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.Empty(confirm.Nacked);
        Assert.Equal(3, _bench.Stored(_queue));
        Assert.False(Writer.HasAny);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void What_is_settled_before_its_write_begins_is_never_written()
    {
        var confirm = _bench.Add(_queue, 3);
        Writer.Settle(_queue, new SequenceRange(1, 2));
        Assert.False(confirm.IsComplete);
        Writer.Settle(_queue, new SequenceRange(3, 3));
        Assert.True(confirm.IsComplete);
        Assert.Empty(_bench.Begin());
        Assert.Null(Writer.UnderWay);
        Assert.False(Writer.HasAny);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void On_a_full_disk_what_left_is_written_and_what_came_waits()
    {
        _bench.Add(_queue, 2);
        _bench.Write();
        var waits = _bench.Add(_queue, 2, first: 3);
        Writer.Settle(_queue, new SequenceRange(1, 1));
        Writer.Return(_queue, 4, 1);
        Assert.Equal(["settle 1.1-1"], _bench.Begin(WriteRoom.None));
        _bench.Commit();
        Assert.False(Writer.IsUrgent);
        Assert.True(Writer is { HasAny: true, HasOnlyMessages: true });
        Assert.Empty(_bench.Begin(WriteRoom.None));
        Writer.Settle(_queue, new SequenceRange(3, 3)); // consumed meanwhile: it need not be written
        Assert.False(waits.IsComplete);
        Writer.HasRoom();
        Assert.True(Writer.IsUrgent);
        Assert.Equal(["append 1.4", "return 1.4 x1"], _bench.Write());
        Assert.True(waits.IsComplete);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void What_is_left_of_a_batch_is_written()
    {
        var confirm = _bench.Add(_queue, 5);
        Writer.Settle(_queue, new SequenceRange(3, 3));
        Writer.Settle(_queue, new SequenceRange(1, 1));
        Assert.Equal(["append 1.2", "append 1.4", "append 1.5"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void What_is_settled_while_its_write_is_under_way_is_said_in_the_next_one()
    {
        var confirm = _bench.Add(_queue, 2);
        _bench.Begin();
        Writer.Settle(_queue, new SequenceRange(1, 2));
        Assert.False(confirm.IsComplete);
        Assert.Empty(_bench.Begin()); // one write at a time
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.Equal(2, _bench.Stored(_queue));
        Assert.False(Writer.IsUrgent);
        Assert.True(Writer.HasAny);
        Assert.Equal(["settle 1.1-2"], _bench.Write());
        Assert.Equal(0, _bench.Stored(_queue));
        Assert.False(Writer.HasAny);
    }

    [Fact]
    public void A_range_may_be_written_in_part()
    {
        var first = _bench.Add(_queue, 2);
        _bench.Begin();
        var second = _bench.Add(_queue, 2, first: 3);
        Writer.Settle(_queue, new SequenceRange(1, 3));
        Assert.False(first.IsComplete || second.IsComplete);
        _bench.Commit();
        Assert.True(first.IsComplete);
        Assert.Equal(["append 1.4", "settle 1.1-2"], _bench.Write());
        Assert.True(second.IsComplete);
        Assert.Equal(1, _bench.Stored(_queue));
        _bench.NothingIsHeld();
    }

    [Fact]
    public void Batches_of_all_queues_go_into_one_write()
    {
        var other = _bench.Queue();
        Confirm[] confirms = [_bench.Add(_queue, 1), _bench.Add(other, 1), _bench.Add(_queue, 1, first: 2)];
        Writer.Settle(other, new SequenceRange(1, 1));
        Assert.True(confirms[1].IsComplete);
        Assert.Equal(["append 1.1", "append 1.2"], _bench.Write());
        Assert.All(confirms, c => Assert.True(c.IsComplete));
    }

    [Fact]
    public void A_write_ends_at_four_mebibytes_and_a_batch_cut_in_two_is_answered_after_the_second()
    {
        var confirm = _bench.Add(_queue, 5, size: 1 << 20);
        var behind = _bench.Add(_queue, 1, first: 6);
        Assert.Equal(["append 1.1", "append 1.2", "append 1.3", "append 1.4"], _bench.Begin());
        Assert.True(Writer.IsUrgent);
        _bench.Commit();
        Assert.False(confirm.IsComplete);
        Assert.Equal(["append 1.5", "append 1.6"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete && behind.IsComplete);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_whose_rest_is_settled_waits_for_the_write_of_its_first_part()
    {
        var confirm = _bench.Add(_queue, 5, size: 1 << 20);
        _bench.Begin();
        Writer.Settle(_queue, new SequenceRange(5, 5));
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.Empty(_bench.Begin());
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_whose_rest_is_settled_after_the_commit_of_its_first_part_is_answered_at_once()
    {
        var confirm = _bench.Add(_queue, 5, size: 1 << 20);
        _bench.Write();
        Assert.False(confirm.IsComplete);
        Writer.Settle(_queue, new SequenceRange(5, 5));
        Assert.True(confirm.IsComplete);
        Assert.Empty(_bench.Begin());
        Assert.Equal(4, _bench.Stored(_queue));
        _bench.NothingIsHeld();
    }

    [Fact]
    public void Many_ranges_are_written_in_events_of_modest_size()
    {
        _bench.Add(_queue, 100_000);
        _bench.Write();
        for (var i = 1; i < 100_000; i += 2)
        {
            Writer.Settle(_queue, new SequenceRange(i, i));
        }

        Assert.Equal(50_000, _bench.Begin().Length);
        Assert.All(Writer.UnderWay!.Events, e => Assert.InRange(e.Length, 1, LogEventWriter.Target));
        _bench.Commit();
        Assert.Equal(50_000, _bench.Stored(_queue));
    }

    [Fact]
    public void What_was_handed_out_has_a_moments_grace_and_no_write_when_it_is_acked()
    {
        var confirm = _bench.Add(_queue, 2, handedOut: true);
        Assert.False(Writer.IsUrgent);
        Assert.Empty(_bench.Begin());
        Writer.Settle(_queue, new SequenceRange(1, 2));
        Assert.True(confirm.IsComplete);
        Assert.False(Writer.EndGrace(TimeSpan.Zero));
        Assert.False(Writer.HasAny);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void It_is_written_when_its_grace_ends()
    {
        var confirm = _bench.Add(_queue, 2, handedOut: true);
        Assert.True(Writer.EndGrace(WriterBench.Grace - TimeSpan.FromTicks(1)));
        Assert.False(Writer.IsUrgent);
        Writer.Settle(_queue, new SequenceRange(1, 1));
        Assert.False(Writer.EndGrace(WriterBench.Grace));
        Assert.True(Writer.IsUrgent);
        Assert.Equal(["append 1.2"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
    }

    [Fact]
    public void What_comes_behind_a_batch_in_its_grace_waits_for_it()
    {
        _bench.Add(_queue, 1, handedOut: true);
        _bench.Add(_queue, 1, first: 2, at: WriterBench.Grace / 2);
        var other = _bench.Queue();
        _bench.Add(other, 1);
        Assert.Equal(["append 2.1"], _bench.Write());
        Assert.True(Writer.EndGrace(WriterBench.Grace));
        Assert.Equal(["append 1.1"], _bench.Write());
        Assert.False(Writer.EndGrace(WriterBench.Grace * 1.5));
        Assert.Equal(["append 1.2"], _bench.Write());
        _bench.Add(_queue, 1, first: 3);
        Assert.Equal(["append 1.3"], _bench.Write());
    }

    [Fact]
    public void A_queue_with_slow_consumers_gets_no_grace_after_a_trial()
    {
        for (var i = 1; i <= 16; i++)
        {
            _bench.Add(_queue, 1, first: i, handedOut: true);
            Assert.False(Writer.IsUrgent, $"message {i} got no grace");
            Writer.EndGrace(TimeSpan.MaxValue);
            _bench.Write();
        }

        _bench.Add(_queue, 1, first: 17, handedOut: true);
        Assert.True(Writer.IsUrgent);
        _bench.Write();
    }

    [Fact]
    public void A_queue_with_fast_consumers_keeps_its_grace()
    {
        for (var i = 1; i <= 400; i += 2)
        {
            _bench.Add(_queue, 2, first: i, handedOut: true);
            Assert.False(Writer.IsUrgent, $"message {i} got no grace");
            Writer.Settle(_queue, new SequenceRange(i, i)); // every other one is slow
            Writer.EndGrace(TimeSpan.MaxValue);
            _bench.Write();
        }
    }

    /// <summary>Else a steady stream would stay in its grace for ever: each batch behind the one before.</summary>
    [Fact]
    public void Who_gets_no_grace_does_not_wait_for_one_that_had_some()
    {
        _bench.Add(_queue, 20);
        _bench.Write();
        _bench.Add(_queue, 20, first: 21, handedOut: false);
        Writer.Settle(_queue, new SequenceRange(21, 40));
        _bench.Add(_queue, 1, first: 41, handedOut: true);
        _bench.Add(_queue, 1, first: 42, handedOut: true, at: WriterBench.Grace / 2);
        Assert.True(Writer.EndGrace(WriterBench.Grace));
        Assert.Contains("append 1.41", _bench.Write()); // more were written than settled before
        _bench.Add(_queue, 1, first: 43, handedOut: true, at: WriterBench.Grace);
        Assert.True(Writer.IsUrgent);
        Assert.Equal(["append 1.42", "append 1.43"], _bench.Write());
    }

    [Fact]
    public void A_queue_that_was_slow_is_tried_again_later()
    {
        _bench.Add(_queue, 4000);
        _bench.Write();
        _bench.Add(_queue, 1, first: 4001, handedOut: true);
        Assert.True(Writer.IsUrgent);
        _bench.Write();
        _bench.Add(_queue, 96, first: 4002);
        _bench.Write();
        _bench.Add(_queue, 1, first: 4098, handedOut: true);
        Assert.False(Writer.IsUrgent);
    }
}
