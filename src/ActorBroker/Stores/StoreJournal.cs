using System.Collections.Immutable;
using ActorBroker.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal.Dao;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace ActorBroker.Stores;

/// <summary>
/// The journal of the broker: the tables and statements of Akka.Persistence.Sql over the connection of this actor system's store. Only what
/// is appended to a SQLite store goes past its statements, by <see cref="SqliteAppender"/>.
/// </summary>
/// <remarks>
/// The library's own plugin actor takes an opened database only from what an actor system was created with, and a broker also lives in
/// systems that somebody else has created. This one does the same things in the same order: see <c>SqlWriteJournal</c>.
/// </remarks>
internal sealed class StoreJournal : AsyncWriteJournal
{
    private readonly JournalConfig _config;
    private readonly ActorMaterializer _materializer;
    private readonly ByteArrayJournalDao _tables;
    private readonly SqliteAppender? _appender;
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, Task> _writing = []; // the last write of each log

    /// <param name="config">The block of the plugin.</param>
    public StoreJournal(Config config)
    {
        var system = (ExtendedActorSystem)Context.System;
        _config = ConfigOf(system, config);
        _appender = BrokerSystem.OpenStoreOf(system).Appender;
        _materializer = ActorMaterializer.Create(
            Context, ActorMaterializerSettings.Create(system).WithDispatcher(_config.MaterializerDispatcher), "journal");
        _tables = new ByteArrayJournalDao(
            system.Scheduler.Advanced,
            _materializer,
            new AkkaPersistenceDataConnectionFactory(_config),
            _config,
            system.Serialization,
            Context.GetLogger().OneLine(),
            _config.TableConfig.EventJournalTable.UseWriterUuidColumn ? $"{Guid.NewGuid():N}" : null,
            _stopping.Token);
    }

    /// <summary>How the library sees the journal's tables in this actor system.</summary>
    public static JournalConfig ConfigOf(ActorSystem system, Config plugin) =>
        new JournalConfig(plugin.WithFallback(SqlPersistence.DefaultJournalConfiguration)).WithDataOptions(BrokerSystem.OpenStoreOf(system).Options);

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback) =>
        _tables.MessagesWithBatch(
                persistenceId, fromSequenceNr, toSequenceNr, _config.DaoConfig.ReplayBatchSize, Option<(TimeSpan, IScheduler)>.None)
            .Take(max)
            .Select(row => row.Get().Representation) // throws what could not be read
            .RunForeach(recoveryCallback, _materializer);

    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        if (_writing.TryGetValue(persistenceId, out var write))
        {
            await write.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing); // over is enough
        }

        return await _tables.HighestSequenceNr(persistenceId, fromSequenceNr, cancellationToken);
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var writes = messages.ToList();
        var id = writes[0].PersistenceId;
        if (_appender is not null)
        {
            return _appender.Append(id, EventsOf(writes), _scheduler.Now.UtcTicks); // whoever reads later, reads on the same thread after it
        }

        var write = _tables.AsyncWriteMessages(writes, cancellationToken, _scheduler.Now.UtcTicks);
        _writing[id] = write;
        var self = Self;
        _ = write.ContinueWith(
            task => self.Tell(new WriteOver(id, task)), _stopping.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return write;
    }

    private static List<(long SequenceNr, StoredEvent Event)> EventsOf(List<AtomicWrite> writes)
    {
        var events = new List<(long SequenceNr, StoredEvent Event)>();
        foreach (var write in writes)
        {
            foreach (var row in (IImmutableList<IPersistentRepresentation>)write.Payload)
            {
                events.Add((row.SequenceNr, (StoredEvent)row.Payload));
            }
        }

        return events;
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        _tables.Delete(persistenceId, toSequenceNr, cancellationToken);

    protected override bool ReceivePluginInternal(object message)
    {
        if (message is not WriteOver over)
        {
            return false;
        }

        if (_writing.TryGetValue(over.PersistenceId, out var last) && last == over.Write)
        {
            _writing.Remove(over.PersistenceId);
        }

        return true;
    }

    protected override void PostStop()
    {
        base.PostStop();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private sealed record WriteOver(string PersistenceId, Task Write) : INoSerializationVerificationNeeded;
}
