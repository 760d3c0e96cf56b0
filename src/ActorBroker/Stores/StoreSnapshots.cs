using ActorBroker.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Snapshot;
using Akka.Streams;

namespace ActorBroker.Stores;

/// <summary>The snapshot store of the broker; made like <see cref="StoreJournal"/>, for the same reason.</summary>
internal sealed class StoreSnapshots : SnapshotStore
{
    private readonly ByteArraySnapshotDao _tables;

    /// <param name="config">The block of the plugin.</param>
    public StoreSnapshots(Config config)
    {
        var system = (ExtendedActorSystem)Context.System;
        var settings = new SnapshotConfig(config.WithFallback(SqlPersistence.DefaultSnapshotConfiguration))
            .WithDataOptions(BrokerSystem.OpenStoreOf(system).Options);
        _tables = new ByteArraySnapshotDao(
            new AkkaPersistenceDataConnectionFactory(settings),
            settings,
            system.Serialization,
            ActorMaterializer.Create(Context, ActorMaterializerSettings.Create(system).WithDispatcher(Context.Props.Dispatcher), "snapshots"),
            Context.GetLogger().OneLine());
    }

    protected override async Task<SelectedSnapshot?> LoadAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        var (number, time) = (criteria.MaxSequenceNr, criteria.MaxTimeStamp);
        var found = (number == long.MaxValue, time == DateTime.MaxValue) switch
        {
            (true, true) => _tables.LatestSnapshotAsync(persistenceId, cancellationToken),
            (true, false) => _tables.SnapshotForMaxTimestampAsync(persistenceId, time, cancellationToken),
            (false, true) => _tables.SnapshotForMaxSequenceNrAsync(persistenceId, number, cancellationToken),
            (false, false) => _tables.SnapshotForMaxSequenceNrAndMaxTimestampAsync(persistenceId, number, time, cancellationToken),
        };
        return (await found).GetOrElse(null!);
    }

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) =>
        _tables.SaveAsync(metadata, snapshot, cancellationToken);

    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) =>
        _tables.DeleteAsync(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp, cancellationToken);

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        var (number, time) = (criteria.MaxSequenceNr, criteria.MaxTimeStamp);
        return (number == long.MaxValue, time == DateTime.MaxValue) switch
        {
            (true, true) => _tables.DeleteAllSnapshotsAsync(persistenceId, cancellationToken),
            (true, false) => _tables.DeleteUpToMaxTimestampAsync(persistenceId, time, cancellationToken),
            (false, true) => _tables.DeleteUpToMaxSequenceNrAsync(persistenceId, number, cancellationToken),
            (false, false) => _tables.DeleteUpToMaxSequenceNrAndMaxTimestampAsync(persistenceId, number, time, cancellationToken),
        };
    }

    protected override void PostStop()
    {
        base.PostStop();
        _tables.Dispose(); // ends what is under way
    }
}
