using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Journal;
using ActorBroker.Stores;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>
/// Keeps a group's log small: a snapshot of the index now and then, by bytes; deletion of events without live messages, in steps;
/// and when a few messages that stay pin a log of mostly dead ones, these are stored again at its end.
/// </summary>
internal sealed class GroupUpkeep(string logId, IActorRef events, IActorRef group, ActorSystem system, long covered)
{
    private const long Step = 16 << 20;
    private const long StepWhileShort = 256 << 10;
    private const long WorthCleaning = 64 << 20;
    private const long SurvivorsAtOnce = 1 << 20;

    private readonly LogPlaces _places = new(logId);
    private bool _busy;
    private long _covered = covered;
    private long _appended;
    private long _dead;
    private long _interval = Step;
    private int _snapshotBytes;
    private bool _relocating;

    /// <summary>A write is committed, and no other is under way: the moment for a snapshot, if one is due.</summary>
    public void Committed(List<byte[]> written, LogIndex index, WriteRoom room)
    {
        foreach (var @event in written)
        {
            _appended += @event.Length;
        }

        var dead = index.LogBytes - index.LiveBytes;
        if (_busy || (_appended < _interval && dead - _dead < IntervalOf(room) && !_relocating))
        {
            return;
        }

        _relocating = false;
        Snapshot(index);
    }

    /// <summary>The disk has become short of room, or has room again: what is dead is cleared away at once.</summary>
    public void RoomChanged(WriteRoom room, LogIndex index, bool isIdle)
    {
        if (room != WriteRoom.Plenty && !_busy && isIdle && index.LastSequenceNr > 0 && index.LogBytes - index.LiveBytes >= StepWhileShort)
        {
            Snapshot(index);
        }
    }

    /// <summary>Dead bytes that make a snapshot worth it. With room short, as little as costs no more than it frees.</summary>
    private long IntervalOf(WriteRoom room) => room == WriteRoom.Plenty ? _interval : Math.Min(_interval, Math.Max(StepWhileShort, 4L * _snapshotBytes));

    /// <summary>What the log says to a snapshot or a deletion.</summary>
    public void Heard(object message, LogIndex index, WriteRoom room)
    {
        switch (message)
        {
            case LogProtocol.SnapshotSaved saved:
                _covered = saved.SequenceNr;
                DeleteNext(index, room);
                break;
            case LogProtocol.Deleted deleted:
                index.Deleted(deleted.UpTo);
                DeleteNext(index, room);
                break;
            default:
                _busy = false;
                break;
        }
    }

    /// <summary>Old messages were read: those that still live are stored again.</summary>
    public void Relocate(Survivors survivors, LogIndex index, LogBatcher batcher)
    {
        foreach (var (sequenceNr, @event) in survivors.Sound)
        {
            var reader = new LogEventReader(@event.Bytes);
            while (reader.MoveNext())
            {
                if (reader.Kind is LogRecordKind.Appended or LogRecordKind.Relocated && index.IsStoredAt(reader.Queue, reader.Sequence, sequenceNr))
                {
                    batcher.Relocate(reader.Queue, reader.Message, reader.MessageTime);
                    _relocating = true;
                }
            }
        }

        _busy = false;
    }

    /// <summary>Saves the index as it is.</summary>
    public void Snapshot(LogIndex index)
    {
        var state = index.ToSnapshot();
        _busy = true;
        _appended = 0;
        _dead = index.LogBytes - index.LiveBytes;
        _snapshotBytes = state.Length;
        _interval = Math.Max(Step, 16L * state.Length);
        events.Tell(new LogProtocol.SaveSnapshot(index.LastSequenceNr, new StoredEvent(LogIndex.SnapshotManifest, state)), group);
    }

    private void DeleteNext(LogIndex index, WriteRoom room)
    {
        // what is deleted is written once more first, as deleted: that must find room
        var upTo = index.DeletableUpTo(_covered, room == WriteRoom.Plenty ? Step : StepWhileShort);
        if (upTo > 0)
        {
            events.Tell(new LogProtocol.Delete(upTo), group);
        }
        else if (index.LogBytes > WorthCleaning && index.LiveBytes * 4 < index.LogBytes && index.OldestLive(SurvivorsAtOnce) is { } window)
        {
            LogReader.For(system).Read(logId, window.FirstSequenceNr, window.LastSequenceNr)
                .PipeTo(group, ActorRefs.NoSender, read => new Survivors(read, DamagedEvent.In(_places, read)), _ => LogProtocol.MaintenanceFailed.Instance);
        }
        else
        {
            _busy = false;
            _dead = index.LogBytes - index.LiveBytes;
        }
    }

    /// <summary>The oldest events that still hold messages.</summary>
    public sealed record Survivors(IReadOnlyList<(long SequenceNr, StoredEvent Event)> Events, IReadOnlyList<DamagedEvent> Damaged) : INoSerializationVerificationNeeded
    {
        /// <summary>Those that are what was written. What others hold stays where it is until its queue asks for it.</summary>
        public IReadOnlyList<(long SequenceNr, StoredEvent Event)> Sound { get; } =
            [.. Events.ExceptBy(Damaged.Select(d => d.SequenceNr), e => e.SequenceNr)];
    }
}
