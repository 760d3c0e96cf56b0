using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>What any version ever wrote, every later one reads. Add bytes; never change or remove any.</summary>
public sealed class JournalFormatSpec
{
    private const string Event1 =
        "0180D095FFBC3145AC0201AC02010100030E03000171003C000000000000000000030000010203090B07030E01000171003C"
        + "00000000000000000001000002290100030E02000171003C000000000000000000020000010231AD020101024221AD020901"
        + "00030E00000171003C00000000000000000000000002AE0209CF0F0000030E01000171003C00000000000000000001000009"
        + "03AC02030200048D039B060004AC0202AC0205AC0206AF02";
    private const string Mark1 = "0180D095FFBC3165AC028120";
    private const string Event2 =
        "0280D095FFBC3145AC0201AC02010100030E03000171003C000000000000000000030000010203090B07030E01000171003C"
        + "00000000000000000001000002290100030E02000171003C000000000000000000020000010231AD020101024221AD020901"
        + "00030E00000171003C00000000000000000000000002AE0209CF0F0000030E01000171003C00000000000000000001000009"
        + "03AC02030200048D039B060004AC0202AC0205AC0206AF02" + "D5D487E6";
    private const string Mark2 = "0280D095FFBC3165AC028120" + "099C6AEC";
    private const string Snapshot2 = "020202030100180B0002AC0202812001000000AD020101000000981F4346";
    private const string Snapshot1 =
        "0109090001118E430001000A0701119001007A47050100180902010503030101C90101030C02010C14000200140001000108"
        + "0100140100007801001401000200020014010001000200140100014101012800020004000003050003011405000301010000"
        + "00C3ADC28F";

    [Theory]
    [InlineData("ab.group.1", Event1)]
    [InlineData("ab.group.2", Event2)]
    public void An_event_of_any_version_is_read(string manifest, string bytes)
    {
        Assert.Null(LogEventFormat.ProblemOf(manifest, Convert.FromHexString(bytes)));
        var head = "000171.003C0000000000000000000";
        Assert.Equal(
            [
                "Marked 300 all",
                $"Appended 300/1 {head}30000.010203 [Persistent] ^0 #1 at 1700000000000",
                $"Appended 300/2 {head}10000.02 [Persistent, HasExpiration, HasHeaders] ^7 #2 at 1700000000000",
                $"Appended 300/3 {head}20000.0102 [Persistent, Shared] ^0 #3 at 1700000000000",
                $"Appended 301/1 {head}20000.0102 [Persistent, Shared] ^2 #1 at 1700000000000",
                $"Appended 301/9 {head}00000. [Persistent, Shared] ^0 #9 at 1700000000000",
                $"Relocated 302/9 {head}10000.09 [None] ^0 #9 at 1699999999000",
                "Settled 300/1-1",
                "Settled 300/3-400",
                "Settled 300/2-2",
                "Returned 300/2 x300",
                "Marked 300 0",
                "Removed 303",
            ],
            LogMessages.Read(Convert.FromHexString(bytes)));
    }

    [Fact]
    public void An_event_is_written_as_version_2() => Assert.Equal((Event2, "ab.group.2"), (Convert.ToHexString(LogMessages.Event(
        w =>
        {
            var shared = LogMessages.Create(1, 2, MessageFlags.Shared | MessageFlags.Persistent | MessageFlags.Mandatory);
            var urgent = LogMessages.Create(2, 1, MessageFlags.Persistent | MessageFlags.HasExpiration | MessageFlags.HasHeaders);
            urgent.Priority = 7;
            w.Mark(300, LogEventWriter.Everything);
            w.Append(300, LogMessages.Create(1, 3));
            w.Append(300, urgent);
            w.Append(300, shared.At(3));
            shared.Priority = 2;
            w.Append(301, shared.At(1));
            w.Append(301, LogMessages.Create(9, 0, MessageFlags.Shared | MessageFlags.Persistent));
            w.Relocate(302, LogMessages.Create(9, 1, MessageFlags.MayBeDelivered), 1_699_999_999_000);
            w.Settle(300, [new(1, 1), new(3, 400), new(2, 2)]);
            w.Return(300, 2, 300);
            w.Mark(300, 0);
            w.Remove(303);
        },
        time: 1_700_000_000_000)), LogEventFormat.Manifest));

    [Fact]
    public void The_checksum_is_CRC_32C() => Assert.Equal(0xE3069283, Crc32C.Of("123456789"u8)); // the check value of its catalogue

    [Theory]
    [InlineData(3, "ab.group.3", "it was written by a newer version")]
    [InlineData(3, "ab.group.12", "it was written by a newer version")]
    public void An_event_of_a_newer_version_stops_the_start(byte version, string manifest, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => LogEventFormat.ProblemOf(manifest, [version, 0, 0, 0, 0, 0])).Message);

    [Fact]
    public void A_snapshot_of_version_1_is_read()
    {
        Assert.Equal("ab.group.snapshot.1", LogIndex.SnapshotManifest);
        var index = LogIndex.FromSnapshot(Convert.FromHexString(Snapshot1));
        Assert.Equal(9, index.LastSequenceNr);
        Assert.Equal([1L, 2, 3], index.Queues.Select(q => q.Queue).Order());
        Assert.Equal((9, 120, 201, true, 200), Of(1));
        Assert.Equal((2, 40, 4, false, 3), Of(2));
        Assert.Equal((0, 0, 1, true, 0), Of(3));
        Assert.Equal([0, 0, 12, 0], new long[] { 1, 2, 3, 4 }.Select(index.Find(1)!.DeliveryCountOf));
        Assert.Equal((6, 6, 1, 3, 4), (PlaceOf(1, 1), PlaceOf(1, 3), PlaceOf(1, 9), PlaceOf(1, 131), PlaceOf(1, 133)));
        Assert.Equal((5, 5, 5), (PlaceOf(1, 200), PlaceOf(2, 1), PlaceOf(2, 3)));
        Assert.Equal((6 * 10) + (4 * 20) + (10 * LogMessages.Head), index.LiveBytes);
        Assert.Equal(0, index.DeletableUpTo(9, long.MaxValue));

        (long, long, long, bool, long) Of(long uid) =>
            index.Find(uid) is { } q ? (q.Count, q.Bytes, q.NextSequence, q.MarkedUpTo > 0, q.LastLive) : default;

        int PlaceOf(long queue, long sequence) => Enumerable.Range(1, 9).FirstOrDefault(nr => index.IsStoredAt(queue, sequence, nr));
    }

    [Fact]
    public void A_snapshot_is_written_as_version_1()
    {
        var shared = Enumerable.Range(1, 3).Select(i => LogMessages.Create(i, 10 * (1 + (i % 2)), MessageFlags.Shared)).ToArray();
        var index = new LogIndex();
        Apply(1, LogMessages.Appended(1, 1, 130));
        Apply(2, LogMessages.Event(w => w.Mark(1, LogEventWriter.Everything)));
        Apply(3, LogMessages.Appended(1, 131, 132));
        Apply(4, LogMessages.Appended(1, 133, 134));
        Apply(5, LogMessages.Event(w =>
        {
            w.Append(2, shared[0].At(1));
            w.Append(2, shared[1].At(2));
            w.Append(2, shared[2].At(3));
            w.Append(1, shared[0].At(200));
            w.Mark(3, LogEventWriter.Everything);
        }));
        Apply(6, LogMessages.Event(w =>
        {
            w.Relocate(1, LogMessages.Create(1, 20), 1);
            w.Relocate(1, LogMessages.Create(3, 20), 1);
        }));
        Apply(7, LogMessages.Settled(1, new(2, 2), new(4, 8), new(10, 129)));
        Apply(8, LogMessages.Event(w => w.Return(1, 3, 12)));
        Apply(9, LogMessages.Settled(2, new SequenceRange(2, 2)));
        Assert.Equal(Snapshot1, Convert.ToHexString(index.ToSnapshot()));

        void Apply(long sequenceNr, byte[] @event) => index.Apply(sequenceNr, LogMessages.InFormat1(@event)); // four bytes longer by now
    }

    /// <summary>Marks that say how far came later; brokers before them refuse both.</summary>
    [Fact]
    public void A_mark_with_a_position_is_read_and_written()
    {
        var bytes = LogMessages.Event(w => w.Mark(300, 4097), time: 1_700_000_000_000);
        Assert.Equal(Mark2, Convert.ToHexString(bytes));
        Assert.All([Mark1, Mark2], hex => Assert.Equal(["Marked 300 4097"], LogMessages.Read(Convert.FromHexString(hex))));
        var index = new LogIndex();
        index.Apply(1, LogMessages.InFormat1(bytes));
        index.Apply(2, LogMessages.InFormat1(LogMessages.Event(w => w.Mark(301, LogEventWriter.Everything))));
        Assert.Equal(Snapshot2, Convert.ToHexString(index.ToSnapshot()));
        var read = LogIndex.FromSnapshot(Convert.FromHexString(Snapshot2));
        Assert.Equal((4097, LogEventWriter.Everything), (read.Find(300)!.MarkedUpTo, read.Find(301)!.MarkedUpTo));
    }

    [Theory]
    [InlineData("0180D095FFBC3125AC0281")] // not consumed, and up to
    [InlineData("0180D095FFBC3165AC0200")] // up to none
    public void A_mark_that_contradicts_itself_is_damage(string bytes) =>
        Assert.Throws<InvalidDataException>(() => LogMessages.Read(Convert.FromHexString(bytes)));

    [Fact]
    public void A_snapshot_that_is_not_what_was_written_is_refused()
    {
        var whole = Convert.FromHexString(Snapshot1);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => LogIndex.FromSnapshot(damaged));
            Assert.Throws<InvalidDataException>(() => LogIndex.FromSnapshot(whole[..(bit / 8)]));
        }

        var thrown = Assert.Throws<InvalidDataException>(() => LogIndex.FromSnapshot([3, .. whole.AsSpan(1)]));
        Assert.Contains("its version is 3, known are 1 and 2", thrown.Message);
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => LogIndex.FromSnapshot(whole[..^1])).Message);
    }
}
