using ActorBroker.Core.Journal;
using ActorBroker.QueueGroups;
using ActorBroker.Queues;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>Dead letters between queues of one group move by one commit; those of other groups leave when they have arrived.</summary>
public sealed class GroupMoveSpec
{
    private readonly WriterBench _bench = new();
    private readonly GroupQueue _source;
    private readonly GroupQueue _target;

    public GroupMoveSpec() => (_source, _target) = (_bench.Queue(), _bench.Queue());

    private BenchWriter Writer => _bench.Writer;

    [Fact]
    public void The_new_place_and_the_leaving_of_the_old_one_are_in_one_write()
    {
        _bench.Add(_source, 3);
        _bench.Write();
        _bench.Move(_source, [1, 3], (_target, 1));
        Assert.Equal(["append 2.1", "append 2.2", "settle 1.1-1", "settle 1.3-3"], _bench.Write());
        Assert.Equal((1, 2), (_bench.Stored(_source), _bench.Stored(_target)));
        Assert.False(Writer.HasAny);
        Assert.Empty(_bench.Group.Heard());
        _bench.NothingIsHeld();
    }

    [Fact]
    public void What_was_under_way_to_its_old_place_leaves_it_with_the_next_write()
    {
        var confirm = _bench.Add(_source, 1);
        _bench.Begin();
        _bench.Move(_source, [1], (_target, 1));
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.Equal(["append 2.1", "settle 1.1-1"], _bench.Write());
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_that_a_move_empties_is_answered_at_that_moves_commit()
    {
        var confirm = _bench.Add(_source, 2, handedOut: true);
        _bench.Move(_source, [1, 2], (_target, 1));
        Assert.Equal(["append 2.1", "append 2.2"], _bench.Begin());
        Assert.False(confirm.IsComplete, "confirmed, and nothing of it is committed anywhere");
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.False(Writer.EndGrace(TimeSpan.MaxValue) || Writer.HasAny);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_of_which_a_part_moved_is_not_answered_before_the_moves_commit_when_the_rest_is_acked()
    {
        var confirm = _bench.Add(_source, 2, handedOut: true);
        _bench.Move(_source, [1], (_target, 1));
        Assert.Equal(["append 2.1"], _bench.Begin());
        Writer.Settle(_source, new SequenceRange(2, 2));
        Assert.False(confirm.IsComplete, "confirmed, and the message that moved is not committed anywhere");
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_batch_of_which_a_part_moved_is_answered_at_once_when_the_rest_is_acked_after_that()
    {
        var confirm = _bench.Add(_source, 2, handedOut: true);
        _bench.Move(_source, [1], (_target, 1));
        _bench.Write();
        Assert.False(confirm.IsComplete);
        Writer.Settle(_source, new SequenceRange(2, 2));
        Assert.True(confirm.IsComplete);
    }

    [Fact]
    public void The_rest_of_a_batch_of_which_a_part_moved_may_be_written_later()
    {
        var confirm = _bench.Add(_source, 2, handedOut: true);
        _bench.Move(_source, [1], (_target, 1));
        _bench.Begin();
        Writer.EndGrace(TimeSpan.MaxValue);
        _bench.Commit();
        Assert.False(confirm.IsComplete);
        Assert.Equal(["append 1.2"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        _bench.NothingIsHeld();
    }

    [Fact]
    public void The_rest_of_a_batch_cut_in_two_may_move()
    {
        var confirm = _bench.Add(_source, 5, size: 1 << 20);
        _bench.Write();
        _bench.Move(_source, [2, 5], (_target, 1));
        // message 5 stands before the dead letters: it is written where it was, and leaves in the same write
        Assert.Equal(["append 1.5", "append 2.1", "append 2.2", "settle 1.2-2", "settle 1.5-5"], _bench.Begin());
        Assert.False(confirm.IsComplete);
        _bench.Commit();
        Assert.True(confirm.IsComplete);
        Assert.Equal((3, 2), (_bench.Stored(_source), _bench.Stored(_target)));
        _bench.NothingIsHeld();
    }

    [Fact]
    public void All_targets_in_one_write_are_one_move()
    {
        var other = _bench.Queue();
        _bench.Add(_source, 1);
        _bench.Write();
        _bench.Move(_source, [1], (_target, 1), (other, 1));
        Assert.Equal(["append 2.1", "append 3.1", "settle 1.1-1"], _bench.Write());
    }

    [Fact]
    public void A_target_that_has_answered_before_counts()
    {
        _bench.Add(_source, 1);
        _bench.Write();
        var move = new DeadLetterMove(_source.Handle, _source);
        move.Expect(); // a queue that is not durable
        var batch = _bench.Batch(_target, move, 1);
        move.Add(1);
        move.Done();
        move.Done(); // it has it
        Writer.Add(batch, TimeSpan.Zero);
        Assert.Equal(["append 2.1", "settle 1.1-1"], _bench.Write());
        Assert.Empty(_bench.Group.Heard());
    }

    [Fact]
    public void While_a_target_has_not_answered_the_old_place_stays()
    {
        _bench.Add(_source, 1);
        _bench.Write();
        var move = new DeadLetterMove(_source.Handle, _source);
        move.Expect(); // a queue of another group
        Writer.Add(_bench.Batch(_target, move, 1), TimeSpan.Zero);
        move.Add(1);
        move.Done();
        Assert.Equal(["append 2.1"], _bench.Write());
        Assert.Empty(_bench.Group.Heard());
        move.Done();
        Assert.Equal(["q1: 1-1"], _bench.Group.Heard());
    }

    [Fact]
    public void A_batch_cut_in_two_has_not_arrived_with_its_first_part()
    {
        _bench.Add(_source, 5);
        _bench.Write();
        var move = new DeadLetterMove(_source.Handle, _source);
        Writer.Add(_bench.Batch(_target, move, 5, size: 1 << 20), TimeSpan.Zero);
        move.Add(1);
        move.Done();
        Assert.Equal(["append 2.1", "append 2.2", "append 2.3", "append 2.4"], _bench.Write());
        Assert.Equal(["append 2.5", "settle 1.1-1"], _bench.Write());
    }

    [Fact]
    public void A_move_to_another_group_tells_the_old_one_after_the_commit()
    {
        var elsewhere = new Ear("another-group");
        var source = _bench.Queue(elsewhere);
        _bench.Move(source, [7], (_target, 1));
        Assert.Equal(["append 2.1"], _bench.Begin());
        Assert.Empty(elsewhere.Heard());
        _bench.Commit();
        Assert.Equal(["q3: 7-7"], elsewhere.Heard());
        Assert.Empty(_bench.Group.Heard());
    }

    [Fact]
    public void A_target_that_acks_at_once_is_a_move_without_a_write_of_the_message()
    {
        _bench.Add(_source, 1);
        _bench.Write();
        _bench.Move(_source, [1], (_target, 1));
        Writer.Settle(_target, new SequenceRange(1, 1));
        Assert.Equal(["q1: 1-1"], _bench.Group.Heard());
        Assert.Empty(_bench.Begin());
        _bench.NothingIsHeld();
    }

    [Fact]
    public void A_move_of_which_a_target_has_failed_leaves_the_source_alone()
    {
        var confirm = _bench.Add(_source, 2, handedOut: true);
        var move = new DeadLetterMove(_source.Handle, _source);
        move.Expect();
        Writer.Add(_bench.Batch(_target, move, 1), TimeSpan.Zero);
        move.Add(1);
        move.Done();
        move.Fail(); // the other target
        move.Done();
        Assert.Equal(["append 2.1"], _bench.Write());
        Assert.Empty(_bench.Group.Heard());
        Assert.False(confirm.IsComplete);
        Writer.EndGrace(TimeSpan.MaxValue);
        Assert.Equal(["append 1.1", "append 1.2"], _bench.Write());
        Assert.True(confirm.IsComplete);
        Assert.Equal(2, _bench.Stored(_source));
    }

    [Fact]
    public void Messages_that_are_in_no_log_move_without_a_word()
    {
        _bench.Move(_source, [0], (_target, 1));
        Assert.Equal(["append 2.1"], _bench.Write());
        Assert.Empty(_bench.Group.Heard());
    }

    [Fact]
    public void When_nothing_can_be_written_any_more_neither_place_changes()
    {
        var publisher = _bench.Add(_source, 2, handedOut: true);
        var underWay = _bench.Move(_source, [1], (_target, 1));
        _bench.Begin();
        var waiting = _bench.Move(_source, [2], (_target, 2));
        Writer.End();
        Assert.True(underWay.HasFailed && waiting.HasFailed);
        Assert.True(underWay.IsComplete && waiting.IsComplete);
        Assert.Empty(_bench.Group.Heard());
        Assert.Equal([1ul, 2ul], publisher.Nacked);
    }
}
