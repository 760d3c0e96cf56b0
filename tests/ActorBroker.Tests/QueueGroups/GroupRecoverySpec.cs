using ActorBroker.Stores;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Journal;
using ActorBroker.QueueGroups;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>What a group makes of a log in which something is wrong.</summary>
public sealed class GroupRecoverySpec
{
    private static readonly LogPlaces Places = new("log-0");

    private static readonly byte[][] Log =
    [
        Event(1, w => Append(w, 1, 1, 2, 3)),
        Event(2, w =>
        {
            Append(w, 1, 4);
            Append(w, 2, 1, 2);
            w.Mark(2, 1);
        }),
        Event(3, w =>
        {
            w.Settle(1, [new(1, 2)]);
            w.Return(1, 3, 5);
        }),
        Event(4, w => Append(w, 2, 3)),
    ];

    [Fact]
    public void Whatever_byte_is_wrong_the_event_is_named_and_all_others_are_taken()
    {
        for (var e = 0; e < Log.Length; e++)
        {
            var rest = Recover((nr, @event) => nr == e + 1 ? null : @event, skip: true).Index;
            rest.DistrustMarks();
            for (var i = 0; i < Log[e].Length * 3; i++)
            {
                var damaged = (byte[])Log[e].Clone();
                damaged[i / 3] ^= (i % 3) switch { 0 => 1, 1 => 0x80, _ => 0xff };
                var found = Recover((nr, @event) => nr == e + 1 ? damaged : @event);
                Assert.Equal(e + 1, Assert.Single(found.Damaged).SequenceNr);
                Assert.Equal(Contents(rest), Contents(found.Index));
            }
        }
    }

    /// <summary>As an index of the database gives it back in which one bit has changed: each event is whole.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 3)]
    public void An_event_in_the_place_of_another_is_damaged(int place, int other) =>
        Assert.Equal(place, Assert.Single(Recover((nr, @event) => nr == place ? Log[other - 1] : @event).Damaged).SequenceNr);

    [Fact]
    public void An_event_of_another_log_is_damaged()
    {
        var recovery = new GroupRecovery("log-1");
        recovery.Take(LogProtocol.RecoveryStarted.Instance);
        recovery.Take(new LogProtocol.Replayed(1, new StoredEvent(LogEventFormat.Manifest, Log[0])));
        Assert.Equal(1, Assert.Single(recovery.Damaged).SequenceNr);
    }

    [Fact]
    public void A_snapshot_of_another_place_stops_the_start()
    {
        var state = Recover((_, @event) => @event).Index.ToSnapshot();
        var refusal = Assert.Throws<InvalidDataException>(() =>
            new GroupRecovery("log-0").Take(new LogProtocol.SnapshotOffered(5, new StoredEvent(LogIndex.SnapshotManifest, state))));
        Assert.Contains("log-0: the snapshot at 5 is one at 4", refusal.Message);
    }

    [Fact]
    public void Nothing_is_said_of_a_log_that_is_whole()
    {
        var whole = Recover((_, @event) => @event);
        Assert.Empty(whole.Damaged);
        Assert.Equal("1: 3 4, next 5, mark 0; 2: 1 2 3, next 4, mark 1", Contents(whole.Index));
    }

    /// <summary>A mark that stood in the damaged event is gone: no message may pass for one that was never handed out.</summary>
    [Fact]
    public void After_damage_any_message_may_have_been_handed_out()
    {
        var found = Recover((nr, @event) => nr == 1 ? [.. @event.AsSpan(1)] : @event);
        Assert.All(found.Index.Queues, q => Assert.Equal(LogEventWriter.Everything, q.MarkedUpTo));
    }

    [Fact]
    public void The_damage_of_an_attempt_that_failed_is_forgotten_with_it()
    {
        var recovery = new GroupRecovery("log-0");
        recovery.Take(LogProtocol.RecoveryStarted.Instance);
        recovery.Take(new LogProtocol.Replayed(1, new StoredEvent(LogEventFormat.Manifest, [2, 0])));
        Assert.Single(recovery.Damaged);
        recovery.Take(LogProtocol.RecoveryStarted.Instance);
        Assert.Empty(recovery.Damaged);
    }

    [Fact]
    public void An_event_of_a_newer_version_is_no_damage()
    {
        var recovery = new GroupRecovery("log-0");
        recovery.Take(LogProtocol.RecoveryStarted.Instance);
        var refusal = Assert.Throws<InvalidDataException>(() => recovery.Take(new LogProtocol.Replayed(1, new StoredEvent("ab.group.3", [3, 0, 0]))));
        Assert.Contains("log-0: it holds 'ab.group.3'", refusal.Message);
        Assert.Contains("newer version", refusal.Message);
    }

    [Fact]
    public void A_damaged_snapshot_stops_the_start_and_says_the_way_out()
    {
        var state = new LogIndex().ToSnapshot();
        state[^1] ^= 1;
        var refusal = Assert.Throws<InvalidDataException>(() =>
            new GroupRecovery("log-0").Take(new LogProtocol.SnapshotOffered(5, new StoredEvent(LogIndex.SnapshotManifest, state))));
        Assert.Contains("checksum", refusal.Message);
        Assert.Contains("Restore a backup", refusal.Message);
    }

    private static GroupRecovery Recover(Func<int, byte[], byte[]?> change, bool skip = false)
    {
        var recovery = new GroupRecovery("log-0");
        recovery.Take(LogProtocol.RecoveryStarted.Instance);
        for (var i = 1; i <= Log.Length; i++)
        {
            var @event = change(i, Log[i - 1]);
            Assert.True(@event is not null || skip);
            recovery.Take(new LogProtocol.Replayed(i, new StoredEvent(LogEventFormat.Manifest, @event ?? Event(i, _ => { }))));
        }

        Assert.True(recovery.Take(new LogProtocol.Recovered(Log.Length)));
        return recovery;
    }

    private static string Contents(LogIndex index) => string.Join("; ", index.Queues.OrderBy(q => q.Queue).Select(q =>
    {
        var live = Enumerable.Range(1, 9).Where(n => index.IsLive(q.Queue, n));
        return $"{q.Queue}: {string.Join(' ', live)}, next {q.NextSequence}, mark {q.MarkedUpTo}";
    }));

    private static void Append(LogEventWriter writer, long queue, params int[] sequences)
    {
        foreach (var sequence in sequences)
        {
            var message = Message.Create("", "q", [0, 0], new byte[20]);
            message.Flags = MessageFlags.Persistent;
            message.Sequence = sequence;
            writer.Append(queue, message);
        }
    }

    private static byte[] Event(int number, Action<LogEventWriter> write)
    {
        var writer = new LogEventWriter();
        writer.Begin(1_700_000_000_000);
        write(writer);
        return writer.ToEvent(Places[number]);
    }
}
