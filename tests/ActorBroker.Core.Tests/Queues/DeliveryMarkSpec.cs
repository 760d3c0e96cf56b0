using ActorBroker.Core.Queues;
using CsCheck;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>How far ahead the mark of handed out messages is set.</summary>
public sealed class DeliveryMarkSpec
{
    private readonly DeliveryMark _mark = new(0);

    [Fact]
    public void The_first_messages_that_are_got_are_marked_one_by_one()
    {
        Assert.Equal((1, 2, 3, 4), (Get(1), Get(2), Get(3), Get(4)));
    }

    [Fact]
    public void What_a_prefetch_lets_out_is_marked_and_no_more()
    {
        Assert.True(_mark.TryAsk(handed: 0, stoppedAt: 1, room: 4, unacked: 0));
        Assert.Equal(4, _mark.Asked);
        _mark.Written(_mark.Ticket);
        Assert.False(_mark.TryAsk(handed: 4, stoppedAt: 0, room: 0, unacked: 4));
        Assert.True(_mark.TryAsk(handed: 4, stoppedAt: 5, room: 1, unacked: 3)); // the first one is acked
        Assert.Equal(5, _mark.Asked);
    }

    [Fact]
    public void A_consumer_that_waits_has_its_room_marked_before_anything_comes()
    {
        Assert.True(_mark.TryAsk(handed: 70, stoppedAt: 0, room: 100, unacked: 0));
        Assert.Equal(170, _mark.Asked);
        Assert.False(_mark.TryAsk(handed: 120, stoppedAt: 0, room: 100, unacked: 0));
        Assert.True(_mark.TryAsk(handed: 121, stoppedAt: 0, room: 100, unacked: 0));
    }

    [Fact]
    public void Of_a_million_messages_some_dozen_marks_are_written_and_none_is_waited_for_after_the_first()
    {
        var marks = 0;
        for (var handed = 0L; handed < 1_000_000; handed++)
        {
            if (_mark.TryAsk(handed, stoppedAt: handed + 1 > _mark.UpTo ? handed + 1 : 0, room: 100, unacked: 0))
            {
                Assert.True(handed == 0 || handed < _mark.UpTo, $"the message after {handed} waits");
                marks++;
                _mark.Written(_mark.Ticket);
            }
        }

        Assert.InRange(marks, 10, 80);
    }

    [Fact]
    public void Of_what_never_left_no_more_is_marked_than_half_of_what_was_settled_and_the_room() => Gen.Select(
        Gen.Int[1, 5000], Gen.Int[0, 300], Gen.Int[0, 100]).Array[1, 60].Sample(steps =>
    {
        var mark = new DeliveryMark(0);
        var handed = 0L;
        foreach (var (more, room, unacked) in steps)
        {
            for (var left = more; left > 0;)
            {
                var taken = Math.Min(left, mark.UpTo - handed);
                (handed, left) = (handed + taken, (int)(left - taken));
                if (mark.TryAsk(handed, left > 0 ? handed + 1 : 0, Math.Max(room, left > 0 ? 1 : 0), (int)Math.Min(unacked, handed)))
                {
                    Assert.InRange(mark.Asked - handed, 1, Math.Max(Math.Max(1, room), (handed / 2) + 1));
                    Assert.InRange(mark.Asked - handed, 1, DeliveryMark.Most);
                    mark.Written(mark.Ticket);
                }
            }
        }
    });

    [Fact]
    public void What_was_marked_ahead_is_taken_back_when_nobody_consumes_and_an_older_answer_says_nothing()
    {
        _mark.TryAsk(handed: 0, stoppedAt: 1, room: 10, unacked: 0);
        _mark.Written(_mark.Ticket);
        _mark.TryAsk(handed: 8, stoppedAt: 0, room: 100, unacked: 0);
        var old = _mark.Ticket;
        Assert.True(_mark.TryLower(handed: 9));
        Assert.Equal((9, 9), (_mark.UpTo, _mark.Asked));
        _mark.Written(old);
        Assert.Equal(9, _mark.UpTo);
        Assert.False(_mark.TryLower(handed: 9));
    }

    [Fact]
    public void What_is_not_written_is_not_taken_for_written_when_it_is_taken_back()
    {
        _mark.TryAsk(handed: 0, stoppedAt: 0, room: 100, unacked: 0);
        Assert.True(_mark.TryLower(handed: 50)); // these expired
        Assert.Equal((0, 0), (_mark.UpTo, _mark.Asked));
    }

    [Fact]
    public void What_an_earlier_life_marked_is_never_taken_back()
    {
        var mark = new DeliveryMark(40);
        mark.TryAsk(handed: 3, stoppedAt: 0, room: 100, unacked: 0);
        mark.Written(mark.Ticket);
        Assert.True(mark.TryLower(handed: 5));
        Assert.Equal(40, mark.UpTo);
    }

    private long Get(long number)
    {
        Assert.True(_mark.TryAsk(handed: number - 1, stoppedAt: number, room: 1, unacked: (int)number - 1));
        _mark.Written(_mark.Ticket);
        return _mark.UpTo;
    }
}
