using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using CsCheck;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Events of a queue group's log: what is written is read.</summary>
public sealed class LogEventSpec
{
    private readonly LogEventWriter _writer = new();

    [Fact]
    public void Every_kind_of_record_is_read_as_it_was_written()
    {
        _writer.Begin(1_700_000_000_000);
        _writer.Append(7, LogMessages.Create(1, 3));
        _writer.Append(7, LogMessages.Create(2, 0, MessageFlags.Persistent | MessageFlags.HasExpiration | MessageFlags.HasHeaders));
        _writer.Append(8, LogMessages.Create(long.MaxValue - 1, 1));
        _writer.Relocate(7, LogMessages.Create(1, 3), 1_600_000_000_000);
        _writer.Settle(7, [new(1, 1), new(3, 1000), new(2, 2)]);
        _writer.Return(8, 5, 12);
        _writer.Mark(7, LogEventWriter.Everything);
        _writer.Mark(8, 0);
        _writer.Remove(long.MaxValue);
        const string head = "000171.003C00000000000000000003";
        Assert.Equal(
            [
                $"Appended 7/1 {head}0000.010203 [Persistent] ^0 #1 at 1700000000000",
                "Appended 7/2 000171.003C000000000000000000000000. [Persistent, HasExpiration, HasHeaders] ^0 #2 at 1700000000000",
                $"Appended 8/{long.MaxValue - 1} 000171.003C000000000000000000010000.FE [Persistent] ^0 #{long.MaxValue - 1} at 1700000000000",
                $"Relocated 7/1 {head}0000.010203 [Persistent] ^0 #1 at 1600000000000",
                "Settled 7/1-1",
                "Settled 7/3-1000",
                "Settled 7/2-2",
                "Returned 8/5 x12",
                "Marked 7 all",
                "Marked 8 0",
                $"Removed {long.MaxValue}",
            ],
            LogMessages.Read(_writer.ToEvent()));
    }

    [Fact]
    public void A_message_lies_in_the_event_and_has_no_owner()
    {
        var written = LogMessages.Create(5, 100);
        written.Priority = 9;
        written.Flags |= MessageFlags.Mandatory | MessageFlags.MayBeDelivered;
        var @event = LogMessages.Event(w => w.Append(1, written), time: 42);
        var reader = new LogEventReader(@event);
        Assert.True(reader.MoveNext());
        Assert.Equal((42, 42), (reader.UnixMilliseconds, reader.MessageTime));
        var read = reader.Message;
        Assert.Same(@event, read.Buffer);
        Assert.Null(read.Owner);
        Assert.Equal((5L, (byte)9, MessageFlags.Persistent, 0), (read.Sequence, read.Priority, read.Flags, read.DeliveryCount));
        Assert.Equal(written.BytesOf(), read.BytesOf());
        Assert.False(reader.MoveNext());
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void The_next_message_of_a_queue_costs_its_bytes_and_six_more()
    {
        _writer.Begin(0);
        _writer.Append(long.MaxValue, LogMessages.Create(1, 100));
        var before = _writer.Length;
        _writer.Append(long.MaxValue, LogMessages.Create(2, 100));
        Assert.Equal(LogMessages.Head + 100 + 6, _writer.Length - before);
    }

    [Fact]
    public void A_fan_out_is_stored_once_and_read_for_each_queue()
    {
        var messages = Enumerable.Range(1, 20).Select(i => LogMessages.Create(i, 1000, MessageFlags.Shared)).ToArray();
        _writer.Begin(0);
        for (var queue = 1; queue <= 3; queue++)
        {
            for (var i = 0; i < 20; i++)
            {
                var message = messages[i].At((queue * 100) + i);
                message.Priority = (byte)queue;
                _writer.Append(queue, message);
            }
        }

        Assert.InRange(_writer.Length, 20_000, 21_000);
        var reader = new LogEventReader(_writer.ToEvent());
        for (var i = 0; reader.MoveNext(); i++)
        {
            var queue = 1 + (i / 20);
            Assert.Equal((queue, (queue * 100) + (i % 20)), (reader.Queue, reader.Sequence));
            Assert.Equal(messages[i % 20].BytesOf(), reader.Message.BytesOf());
            Assert.Equal(((byte)queue, MessageFlags.Shared), (reader.Message.Priority, reader.Message.Flags));
        }
    }

    [Fact]
    public void What_is_read_of_a_fan_out_is_relocated_as_one()
    {
        var message = LogMessages.Create(1, 1000, MessageFlags.Shared);
        var @event = LogMessages.Event(w =>
        {
            w.Append(1, message);
            w.Append(2, message);
        });
        _writer.Begin(0);
        var reader = new LogEventReader(@event);
        while (reader.MoveNext())
        {
            _writer.Relocate(reader.Queue, reader.Message, reader.MessageTime);
        }

        Assert.InRange(_writer.Length, 1000, 1100);
        Assert.Equal(2, LogMessages.Read(_writer.ToEvent()).Count(r => r.StartsWith("Relocated") && r.EndsWith("at 1000")));
    }

    [Fact]
    public void A_buffer_that_was_used_again_meanwhile_is_not_taken_for_the_message_before()
    {
        var message = LogMessages.Create(1, 4, MessageFlags.Shared);
        _writer.Begin(0);
        _writer.Append(1, message);
        message.Buffer![^1] = 77;
        _writer.Append(2, message);
        _writer.Append(3, message);
        var bodies = LogMessages.Read(_writer.ToEvent()).Select(r => r.Split('.')[2][..8]);
        Assert.Equal(["01020304", "0102034D", "0102034D"], bodies);
    }

    [Fact]
    public void Sharing_does_not_reach_into_the_next_event()
    {
        var message = LogMessages.Create(1, 1000, MessageFlags.Shared);
        var first = Write();
        Assert.Equal(first, Write());

        byte[] Write()
        {
            _writer.Begin(0);
            _writer.Append(1, message);
            return _writer.ToEvent();
        }
    }

    [Fact]
    public void An_event_has_room_up_to_its_target_and_an_empty_one_for_anything()
    {
        _writer.Begin(0);
        Assert.True(_writer.IsEmpty);
        Assert.True(_writer.HasRoomFor(int.MaxValue));
        _writer.Append(1, LogMessages.Create(1, 1000));
        Assert.False(_writer.IsEmpty);
        Assert.False(_writer.HasRoomFor(int.MaxValue));
        for (var i = 2; _writer.HasRoomFor(LogMessages.Head + 1024); i++)
        {
            _writer.Append(1, LogMessages.Create(i, 1024));
        }

        Assert.InRange(_writer.Length, LogEventWriter.Target - 1200, LogEventWriter.Target);
    }

    [Fact]
    public void A_message_larger_than_the_target_gets_an_event_of_its_own()
    {
        _writer.Begin(0);
        _writer.Append(1, LogMessages.Create(1, 1_000_000));
        Assert.False(_writer.HasRoomFor(1));
        var reader = new LogEventReader(_writer.ToEvent());
        Assert.True(reader.MoveNext());
        Assert.Equal(LogMessages.Create(1, 1_000_000).BytesOf(), reader.Message.BytesOf());
    }

    [Fact]
    public void What_makes_no_sense_is_not_written()
    {
        Assert.Throws<InvalidOperationException>(() => _writer.Append(1, LogMessages.Create(1, 1)));
        Assert.Throws<InvalidOperationException>(() => _writer.ToEvent());
        _writer.Begin(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Append(1, LogMessages.Create(0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Relocate(1, LogMessages.Create(-1, 1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Settle(1, [new(1, 1), new(0, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Settle(1, [new(2, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Return(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Return(1, 1, -1));
        _writer.Settle(1, []);
        Assert.True(_writer.IsEmpty);
        Assert.Empty(LogMessages.Read(_writer.ToEvent()));
        Assert.Throws<InvalidOperationException>(() => _writer.Mark(1, LogEventWriter.Everything));
    }

    [Fact]
    public void Law_numbers_of_any_size_come_back() =>
        Gen.Select(Gen.Long, Gen.Long[1, long.MaxValue], Gen.Long[1, long.MaxValue], Gen.Long, Gen.Int[0, int.MaxValue]).Sample(
            (queue, a, b, time, count) =>
            {
                var (first, last) = (Math.Min(a, b), Math.Max(a, b));
                var @event = LogMessages.Event(
                    w =>
                    {
                        w.Append(queue, LogMessages.Create(a, 1));
                        w.Relocate(queue, LogMessages.Create(b, 1), time);
                        w.Settle(queue, [new(first, last), new(1, long.MaxValue), new(1, 1)]);
                        w.Return(queue, a, count);
                    },
                    time / 3);
                var reader = new LogEventReader(@event);
                Assert.Equal(time / 3, reader.UnixMilliseconds);
                Assert.True(reader.MoveNext());
                Assert.Equal((queue, a, time / 3), (reader.Queue, reader.Sequence, reader.MessageTime));
                Assert.True(reader.MoveNext());
                Assert.Equal((queue, b, time), (reader.Queue, reader.Sequence, reader.MessageTime));
                foreach (var range in new SequenceRange[] { new(first, last), new(1, long.MaxValue), new(1, 1) })
                {
                    Assert.True(reader.MoveNext());
                    Assert.Equal((queue, range), (reader.Queue, reader.Range));
                }

                Assert.True(reader.MoveNext());
                Assert.Equal((queue, a, count), (reader.Queue, reader.Sequence, reader.DeliveryCount));
                Assert.False(reader.MoveNext());
            });
}
