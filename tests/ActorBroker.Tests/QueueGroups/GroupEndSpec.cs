using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.QueueGroups;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>What a group writes besides messages, and what becomes of queues and logs that end.</summary>
public sealed class GroupEndSpec
{
    private readonly WriterBench _bench = new();
    private readonly GroupQueue _queue;

    public GroupEndSpec() => _queue = _bench.Queue();

    private BenchWriter Writer => _bench.Writer;

    [Fact]
    public void When_nothing_can_be_written_any_more_all_that_waits_is_refused()
    {
        var taken = _bench.Add(_queue, 1);
        _bench.Write();
        var underWay = _bench.Add(_queue, 4, first: 2, size: 1 << 20);
        var cut = _bench.Add(_queue, 2, first: 6); // behind four mebibytes
        _bench.Begin();
        var graced = _bench.Add(_bench.Queue(), 2, handedOut: true);
        var acks = Awaited();
        Writer.End();
        Assert.Empty(taken.Nacked);
        Assert.Equal([1ul, 2ul, 3ul, 4ul], underWay.Nacked);
        Assert.Equal([1ul, 2ul], cut.Nacked);
        Assert.Equal([1ul, 2ul], graced.Nacked);
        Assert.All([underWay, cut, graced, acks], c => Assert.True(c is { IsComplete: true, HasFailed: true, Completions: 1 }));
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_cut_in_two_is_refused_whole()
    {
        var confirm = _bench.Add(_queue, 6, size: 1 << 20);
        _bench.Begin();
        Writer.End();
        Assert.Equal([1ul, 2ul, 3ul, 4ul, 5ul, 6ul], confirm.Nacked);
        Assert.Equal(1, confirm.Completions);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_transaction_whose_acks_are_under_way_fails_with_them()
    {
        _bench.Add(_queue, 2);
        _bench.Write();
        Writer.Settle(_queue, new SequenceRange(1, 1));
        var acks = Awaited();
        Assert.Equal(["settle 1.1-1"], _bench.Begin());
        Writer.End();
        Assert.True(acks is { IsComplete: true, HasFailed: true });
    }

    [Fact]
    public void Awaited_acks_are_done_after_their_commit()
    {
        _bench.Add(_queue, 2);
        _bench.Write();
        Writer.Settle(_queue, new SequenceRange(1, 1));
        Assert.False(Writer.IsUrgent);
        var acks = Awaited();
        Assert.True(Writer.IsUrgent);
        Assert.Equal(["settle 1.1-1"], _bench.Begin());
        Assert.False(acks.IsComplete);
        _bench.Commit();
        Assert.True(acks is { IsComplete: true, HasFailed: false });
    }

    [Fact]
    public void Acks_that_come_while_a_write_is_under_way_wait_for_the_next_one()
    {
        _bench.Add(_queue, 1);
        _bench.Begin();
        Writer.Settle(_queue, new SequenceRange(1, 1));
        var acks = Awaited();
        _bench.Commit();
        Assert.False(acks.IsComplete);
        _bench.Begin();
        Assert.False(acks.IsComplete);
        _bench.Commit();
        Assert.True(acks.IsComplete);
    }

    [Fact]
    public void Awaited_acks_of_messages_that_were_never_written_are_done_at_once()
    {
        _bench.Add(_queue, 1);
        Writer.Settle(_queue, new SequenceRange(1, 1));
        var acks = Awaited();
        Assert.Empty(_bench.Begin());
        Assert.True(acks is { IsComplete: true, HasFailed: false });
    }

    [Fact]
    public void What_waits_for_a_deleted_queue_counts_as_taken_and_its_log_is_removed()
    {
        var written = _bench.Add(_queue, 1);
        _bench.Write();
        var underWay = _bench.Add(_queue, 1, first: 2);
        _bench.Begin();
        var pending = _bench.Add(_queue, 1, first: 3);
        Writer.Settle(_queue, new SequenceRange(1, 2));
        Writer.Return(_queue, 2, 1);
        Writer.Remove(_queue);
        Assert.True(_queue.IsRemoved);
        Assert.True(pending.IsComplete);
        Assert.Empty(pending.Nacked);
        Assert.False(underWay.IsComplete);
        _bench.Commit();
        Assert.True(written.IsComplete && underWay.IsComplete);
        Assert.Equal(["remove 1"], _bench.Write());
        Assert.Null(_bench.Index.Find(_queue.Uid));
        Assert.False(Writer.HasAny);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_deleted_queue_in_its_grace_is_forgotten()
    {
        var graced = _bench.Add(_queue, 2, handedOut: true);
        Writer.Remove(_queue);
        Assert.True(graced.IsComplete);
        Assert.False(Writer.EndGrace(TimeSpan.Zero));
        Assert.Equal(["remove 1"], _bench.Write());
        _bench.NothingIsHeld();
    }

    [Fact]
    public void What_a_log_holds_of_unknown_queues_is_removed()
    {
        Writer.RemoveOrphan(77);
        Writer.RemoveOrphan(78);
        Assert.True(Writer.HasAny);
        Assert.Equal(["remove 77", "remove 78"], _bench.Write());
        Assert.False(Writer.HasAny);
    }

    [Fact]
    public void A_mark_is_written_at_once_and_told_after_the_commit()
    {
        Writer.Mark(_queue, 7, ticket: 1);
        Assert.True(Writer.IsUrgent);
        Assert.Equal(0, _queue.MarkedUpTo);
        Assert.Equal(["mark 1 7"], _bench.Begin());
        Assert.Equal([(_queue, 1)], Writer.UnderWay!.Marked);
        Assert.Equal(7, _queue.MarkedUpTo);
        _bench.Commit();
        Assert.Equal(7, _bench.Index.Find(_queue.Uid)!.MarkedUpTo);
    }

    [Fact]
    public void A_mark_that_says_less_rides_along()
    {
        Writer.Mark(_queue, 7, ticket: 1);
        _bench.Write();
        Writer.Mark(_queue, 0, ticket: 0);
        Assert.False(Writer.IsUrgent);
        Assert.True(Writer.HasAny);
        Assert.Equal(["mark 1 0"], _bench.Begin());
        Assert.Empty(Writer.UnderWay!.Marked); // nobody is told: that would say that the log has ended
        _bench.Commit();
        Assert.Equal(0, _queue.MarkedUpTo);
    }

    [Fact]
    public void Returns_are_written_of_written_messages_only()
    {
        _bench.Add(_queue, 1);
        _bench.Write();
        _bench.Add(_queue, 2, first: 2, handedOut: true);
        Writer.Return(_queue, 1, 1);
        Writer.Return(_queue, 2, 1);
        Writer.Return(_queue, 3, 2);
        Assert.Equal(["return 1.1 x1"], _bench.Write());
        Assert.Empty(_bench.Begin());
        Writer.Settle(_queue, new SequenceRange(2, 2)); // acked before it was written: its count goes with it
        Writer.EndGrace(TimeSpan.MaxValue);
        Assert.Equal(["append 1.3", "return 1.3 x2"], _bench.Write());
        Assert.Equal(2, _bench.Index.Find(_queue.Uid)!.DeliveryCountOf(3));
        Assert.False(Writer.HasAny);
    }

    [Fact]
    public void A_message_that_came_back_and_was_acked_then_is_gone()
    {
        _bench.Add(_queue, 1);
        _bench.Write();
        Writer.Return(_queue, 1, 1);
        Writer.Settle(_queue, new SequenceRange(1, 1));
        Assert.Contains("settle 1.1-1", _bench.Write());
        Assert.Equal(0, _bench.Stored(_queue));
        Assert.Equal(0, _bench.Index.Find(_queue.Uid)?.DeliveryCountOf(1) ?? 0);
    }

    [Fact]
    public void What_is_to_be_stored_again_is_when_it_is_still_live()
    {
        _bench.Add(_queue, 3);
        _bench.Write();
        foreach (var sequence in new long[] { 1, 2, 3 })
        {
            var message = Message.Create("", "q", [0, 0], "again"u8);
            message.Sequence = sequence;
            Writer.Relocate(_queue.Uid, message, time: 1);
        }

        Assert.True(Writer.IsUrgent);
        Writer.Settle(_queue, new SequenceRange(1, 1)); // said in the same write, behind
        Assert.Equal(["relocate 1.1", "relocate 1.2", "relocate 1.3", "settle 1.1-1"], _bench.Write());
        Assert.Equal(2, _bench.Stored(_queue));

        Writer.Settle(_queue, new SequenceRange(2, 2));
        _bench.Write();
        var gone = Message.Create("", "q", [0, 0], "again"u8);
        gone.Sequence = 2;
        Writer.Relocate(_queue.Uid, gone, time: 1);
        Assert.Empty(_bench.Begin());
        Assert.Equal(1, _bench.Stored(_queue));
        Assert.False(Writer.HasAny);
    }

    private Confirm Awaited()
    {
        var acks = new Confirm();
        Writer.Await(_queue, acks);
        return acks;
    }
}
