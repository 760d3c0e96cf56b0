using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace ActorBroker.Journal;

/// <summary>
/// The persistent actor of one log. It knows nothing of what it writes, and stops at the first failure, as Akka.Persistence wants
/// it: <see cref="DurableLogActor"/>, its parent, starts the next one.
/// </summary>
internal sealed class EventLogActor : UntypedPersistentActor
{
    private readonly bool _replay;
    private readonly StoreDisk? _disk = BrokerSystem.StoreOf(Context.System)?.Disk;
    private readonly IStoreWatcher? _watcher = BrokerSystem.StoreOf(Context.System)?.Watcher;
    private int _asked; // the store owes this many answers
    private long _covered; // events up to this one have been told, by a snapshot or one by one

    /// <param name="persistenceId">Name of the log.</param>
    /// <param name="replay">True to tell all that was written; false to learn only how far the log goes.</param>
    public EventLogActor(string persistenceId, bool replay)
    {
        _replay = replay;
        PersistenceId = persistenceId;
        JournalPluginId = StorePlugins.Journal;
        SnapshotPluginId = StorePlugins.Snapshots;
        Asked(); // recovery
    }

    public override string PersistenceId { get; }

    public override Recovery Recovery => _replay ? Recovery.Default : Recovery.None;

    public static Props Props(string persistenceId, bool replay) => Akka.Actor.Props.Create(typeof(EventLogActor), persistenceId, replay);

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer offer:
                _covered = offer.Metadata.SequenceNr;
                Parent.Tell(new LogProtocol.SnapshotOffered(offer.Metadata.SequenceNr, (StoredEvent)offer.Snapshot));
                break;
            case StoredEvent @event:
                CheckCovered(LastSequenceNr - 1);
                _covered = LastSequenceNr;
                Parent.Tell(new LogProtocol.Replayed(LastSequenceNr, @event));
                break;
            case RecoveryCompleted when _replay && _covered != LastSequenceNr:
                Failed("it could not be read", new LogDamagedException(_covered + 1, LastSequenceNr));
                Context.Stop(Self);
                break;
            case RecoveryCompleted:
                Answered();
                Parent.Tell(new LogProtocol.Recovered(LastSequenceNr));
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case LogProtocol.Write write:
                var left = write.Events.Count;
                Asked();
                PersistAllAsync(write.Events, _ =>
                {
                    if (--left == 0)
                    {
                        Parent.Tell(new LogProtocol.Written(LastSequenceNr));
                        Answered();
                    }
                });
                break;
            case LogProtocol.SaveSnapshot save when save.SequenceNr == LastSequenceNr:
                Asked();
                SaveSnapshot(save.State);
                break;
            case SaveSnapshotSuccess saved:
                Parent.Tell(new LogProtocol.SnapshotSaved(saved.Metadata.SequenceNr));
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)); // the store owes an answer as before
                break;
            case DeleteSnapshotsSuccess:
                Answered();
                break;
            case LogProtocol.Delete delete:
                Asked();
                DeleteMessages(delete.UpTo);
                break;
            case DeleteMessagesSuccess deleted:
                Parent.Tell(new LogProtocol.Deleted(deleted.ToSequenceNr));
                Answered();
                break;
            case SaveSnapshotFailure failed:
                MaintenanceFailed(failed.Cause);
                Answered();
                break;
            case DeleteMessagesFailure failed:
                MaintenanceFailed(failed.Cause);
                Answered();
                break;
            case DeleteSnapshotsFailure failed:
                Log.Warning(failed.Cause, "log {0}: old snapshots could not be deleted", PersistenceId);
                Answered();
                break;
            case LogProtocol.SaveSnapshot: // the log has gone on since
                MaintenanceFailed(null);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Failed("a write failed", cause);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Failed("a write was rejected", cause);
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => Failed("it could not be read", reason);

    /// <summary>Whatever it was asked: nobody hears the answer any more.</summary>
    protected override void PostStop()
    {
        while (_asked > 0)
        {
            Answered();
        }

        base.PostStop();
    }

    private static IActorRef Parent => Context.Parent;

    private void Asked()
    {
        _asked++;
        _watcher?.Asked();
    }

    private void Answered()
    {
        _asked--;
        _watcher?.Answered();
    }

    /// <summary>Events that are deleted are covered by a snapshot; where they are not, the snapshot is gone.</summary>
    private void CheckCovered(long upTo)
    {
        if (_covered != upTo)
        {
            throw new LogDamagedException(_covered + 1, upTo);
        }
    }

    private void MaintenanceFailed(Exception? cause)
    {
        if (_disk?.IsFullDisk(cause) == true)
        {
            _disk.WriteFailed(cause); // which says so
        }
        else if (cause is not null)
        {
            Log.Warning(cause, "log {0}: a snapshot or a deletion failed; it is tried again later", PersistenceId);
        }

        Parent.Tell(LogProtocol.MaintenanceFailed.Instance);
    }

    private void Failed(string what, Exception cause) => Parent.Tell(new Failure(what, cause));

    /// <summary>To the parent, before this actor stops.</summary>
    public sealed record Failure(string What, Exception Cause) : INoSerializationVerificationNeeded;
}
