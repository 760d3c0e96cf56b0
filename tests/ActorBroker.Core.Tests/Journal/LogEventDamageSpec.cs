using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using CsCheck;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Events that are not what was written: an error that says so, and never another one.</summary>
public sealed class LogEventDamageSpec
{
    private static readonly byte[] Whole = LogMessages.Event(
        w =>
        {
            var shared = LogMessages.Create(1, 20, MessageFlags.Shared | MessageFlags.Persistent);
            w.Mark(300, LogEventWriter.Everything);
            w.Append(300, LogMessages.Create(1, 5));
            w.Append(300, LogMessages.Create(2, 200));
            w.Append(300, shared.At(3));
            w.Append(301, shared.At(1));
            w.Relocate(302, LogMessages.Create(9, 3), 500);
            w.Settle(300, [new(1, 1), new(3, 400)]);
            w.Return(300, 2, 300);
            w.Remove(301);
        },
        time: 1_700_000_000_000);

    private static readonly byte[] Format1 = LogMessages.InFormat1(Whole);

    [Fact]
    public void What_was_written_has_no_problem()
    {
        Assert.Null(LogEventFormat.ProblemOf("ab.group.2", Whole));
        Assert.Null(LogEventFormat.ProblemOf("ab.group.1", Format1));
        Assert.Null(LogEventFormat.ProblemOf("damaged", Whole)); // the bytes say what they are
        Assert.Equal(LogMessages.Read(Whole), LogMessages.Read(Format1));
    }

    [Fact]
    public void An_event_with_one_wrong_byte_is_damaged()
    {
        for (var i = 0; i < Whole.Length; i++)
        {
            for (var change = 1; change < 256; change++)
            {
                var damaged = (byte[])Whole.Clone();
                damaged[i] ^= (byte)change;
                Assert.NotNull(LogEventFormat.ProblemOf("ab.group.2", damaged));
            }
        }
    }

    [Fact]
    public void An_event_that_is_cut_off_or_too_long_is_damaged()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            Assert.NotNull(LogEventFormat.ProblemOf("ab.group.2", Whole[..length]));
        }

        Assert.NotNull(LogEventFormat.ProblemOf("ab.group.2", [.. Whole, 0]));
        Assert.NotNull(LogEventFormat.ProblemOf("ab.group.2", [0, .. Whole]));
    }

    [Fact]
    public void A_truncated_event_of_format_1_is_an_error_or_reads_as_its_first_records()
    {
        var records = LogMessages.Read(Format1);
        for (var length = 0; length < Format1.Length; length++)
        {
            if (LogEventFormat.ProblemOf("ab.group.1", Format1[..length]) is null)
            {
                var read = LogMessages.Read(Format1[..length]);
                Assert.Equal(records.Take(read.Count), read);
                Assert.NotEqual(records.Count, read.Count);
            }
        }
    }

    /// <summary>Without a checksum damage may make sense. Then any index must be able to take it: a group cannot go on with half an event.</summary>
    [Fact]
    public void An_event_of_format_1_with_one_wrong_bit_is_an_error_or_can_be_taken_whole()
    {
        var errors = 0;
        for (var bit = 0; bit < Format1.Length * 8; bit++)
        {
            var damaged = (byte[])Format1.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            if (LogEventFormat.ProblemOf("ab.group.1", damaged) is not null)
            {
                errors++;
                continue;
            }

            var index = new LogIndex();
            index.Apply(1, LogMessages.Event(w => w.Append(302, LogMessages.Create(9, 3))));
            index.Apply(2, damaged);
            Assert.NotEmpty(LogMessages.Read(damaged));
        }

        Assert.InRange(errors, 100, Format1.Length * 8);
    }

    [Fact]
    public void Law_whatever_bytes_are_given_only_invalid_data_is_thrown() =>
        Gen.Select(Gen.Int[0, Format1.Length - 1], Gen.Int[0, Format1.Length - 1], Gen.Byte, Gen.Byte[0, 255].Array[0, 40]).Sample(
            (a, b, value, noise) =>
            {
                var damaged = (byte[])Format1.Clone();
                damaged[a] = value;
                damaged[b] = 0xff;
                TryRead(damaged);
                TryRead([1, .. noise]);
                noise.CopyTo(damaged.AsSpan(Math.Min(a, damaged.Length - noise.Length)));
                TryRead(damaged);
            },
            iter: 5_000);

    [Theory]
    [InlineData("", "it ends in the middle of a record (byte 0)")]
    [InlineData("03", "its version is 3, known are 1 and 2 (byte 1)")]
    [InlineData("0200" + "06" + "00000000", "it ends in the middle of a record (byte 3)")]
    [InlineData("01", "it ends in the middle of a record (byte 1)")]
    [InlineData("0100" + "00", "unknown record 0x00 (byte 3)")]
    [InlineData("0100" + "07", "unknown record 0x07 (byte 3)")]
    [InlineData("0100" + "83", "unknown record 0x83 (byte 3)")]
    [InlineData("0100" + "09", "there is no message before, whose next this could be (byte 3)")]
    [InlineData("0100" + "010100", "a sequence is 0, which is not between 1 and 9223372036854775807 (byte 5)")]
    [InlineData("0100" + "06FFFFFFFFFFFFFFFFFF02", "a number has more than 64 bits (byte 13)")]
    [InlineData("0100" + "0101010000" + "020C01" + "0000", "a header of 12 bytes goes beyond the end (byte 12)")]
    [InlineData("0100" + "0101010000" + "030C00" + "020000" + "000000000000000000000000", "names of 3 bytes are not two short strings (byte 25)")]
    [InlineData("0100" + "110101000009", "the place of shared bytes is 9, which is not between 0 and 6 (byte 8)")]
    public void The_error_says_what_is_wrong_and_where(string hex, string problem)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => LogMessages.Read(Convert.FromHexString(hex)));
        Assert.StartsWith("An event of a queue group's log of ", thrown.Message);
        Assert.Contains(problem, thrown.Message);
    }

    [Fact]
    public void The_index_refuses_bytes_of_no_message()
    {
        var @event = LogMessages.Event(w =>
        {
            w.Append(1, LogMessages.Create(1, 5, MessageFlags.Shared));
            w.Append(2, LogMessages.Create(1, 5));
        });
        byte[] refers = [.. LogMessages.InFormat1(@event), 0x11, 3, 1, 0, 0, 32 + 6]; // the second message, which is not shared
        var thrown = Assert.Throws<InvalidDataException>(() => new LogIndex().Apply(17, refers));
        Assert.Contains("17", thrown.Message);
    }

    private static void TryRead(byte[] @event)
    {
        var index = new LogIndex();
        index.Apply(1, LogMessages.Event(w => w.Append(302, LogMessages.Create(9, 3))));
        try
        {
            LogMessages.Read(@event);
            index.Apply(2, @event);
        }
        catch (InvalidDataException)
        {
            // said
        }
    }
}
