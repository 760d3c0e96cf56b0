using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Diagnostics;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.QueueGroups;

/// <summary>
/// What becomes of events of a group's log that are not what was written: a copy is kept for people, the operator hears of it, and the rest
/// goes on without them.
/// </summary>
internal sealed class GroupDamage(string logId, IActorRef group, ActorSystem system)
{
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "actor-broker").OneLine();
    private readonly BrokerStore? _store = BrokerSystem.StoreOf(system);

    /// <summary>Keeps a copy of them. The group hears <see cref="IsSetAside"/>.</summary>
    /// <param name="events">The events.</param>
    /// <param name="read">The read that has found them; null when the start has.</param>
    public void SetAside(IReadOnlyList<DamagedEvent> events, GroupReader.Read? read = null)
    {
        _store!.Watcher?.Asked();
        SetAsideEvents.KeepAsync(_store, logId, events).PipeTo(
            group, ActorRefs.NoSender, () => new IsSetAside(events, read, null), fault => new IsSetAside(events, read, fault));
    }

    /// <summary>The group has heard it.</summary>
    public void Heard() => _store!.Watcher?.Answered();

    /// <summary>Says what a start goes on without.</summary>
    public void SayAtStart(IReadOnlyList<DamagedEvent> events)
    {
        foreach (var (sequenceNr, problem) in events)
        {
            _log.Error(
                "{0}: event {1} is damaged ({2}). It was set aside in table " + SetAsideEvents.Table + " of the store, and the rest is served. Messages that came with it are "
                + "missing, and messages whose acks it held are delivered again. Look at the disk and the memory of this machine; a backup "
                + "from before has what is missing", logId, sequenceNr, problem);
        }
    }

    /// <summary>Takes the messages of damaged events out of a queue: they are settled with the next write.</summary>
    /// <returns>False when none of them is there any more.</returns>
    public bool TakeOut(IsSetAside aside, LogIndex index, LogBatcher batcher)
    {
        var (queue, wanted) = (aside.Read!.Queue, aside.Read.Wanted);
        var lost = queue.Lost?.Wanted == wanted ? queue.Lost : null;
        var some = false;
        foreach (var (sequenceNr, problem) in aside.Events)
        {
            var (ranges, count, bytes) = index.LiveIn(sequenceNr, queue.Uid, wanted.After, aside.Read.UpTo);
            if (count == 0)
            {
                continue;
            }

            some = true;
            lost = new LostMessages(wanted, [.. lost?.Events ?? [], sequenceNr], (lost?.Count ?? 0) + count, (lost?.Bytes ?? 0) + bytes);
            ranges.ForEach(range => batcher.Settle(queue, range));
            _log.Error(
                "{0}: event {1} is damaged ({2}). It was set aside in table " + SetAsideEvents.Table + " of the store, and {3} messages of {4} that "
                + "it held, numbers {5}, are not delivered; the rest goes on. Look at the disk and the memory of this machine; a backup from before "
                + "has them", logId, sequenceNr, problem, count, queue.Handle.Description, $"{ranges[0].First} to {ranges[^1].Last}");
        }

        queue.Lost = lost;
        return some;
    }

    /// <summary>Copies of events are kept, or could not be.</summary>
    public sealed record IsSetAside(IReadOnlyList<DamagedEvent> Events, GroupReader.Read? Read, Exception? Fault) : INoSerializationVerificationNeeded;
}
