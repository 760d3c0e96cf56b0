using ActorBroker.Journal;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace ActorBroker.Stores;

/// <summary>Reads events back that a log has written; any thread.</summary>
internal sealed class LogReader : IExtension
{
    private readonly ActorSystem _system;
    private readonly IMaterializer _materializer;
    private readonly SemaphoreSlim _atOnce = new(8); // each may hold some megabytes
    private readonly Lock _gate = new();
    private SqlReadJournal? _journal;

    private LogReader(ExtendedActorSystem system)
    {
        _system = system;
        _materializer = ActorMaterializer.Create(system, namePrefix: "log-reader");
    }

    /// <summary>The one of an actor system with a store.</summary>
    public static LogReader For(ActorSystem system) => system.WithExtension<LogReader, Provider>();

    /// <summary>The events of that range, ascending; those that were deleted are missing.</summary>
    /// <param name="persistenceId">Name of the log.</param>
    /// <param name="from">Number of the first event, from 1.</param>
    /// <param name="to">Number of the last one, itself included. All of the range is in memory at once.</param>
    /// <exception cref="Exception">The store does not answer, whatever its driver says; ask again later.</exception>
    public async Task<IReadOnlyList<(long SequenceNr, StoredEvent Event)>> Read(string persistenceId, long from, long to)
    {
        if (from > to)
        {
            return [];
        }

        await _atOnce.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Journal().CurrentEventsByPersistenceId(persistenceId, from, to)
                .Select(e => (e.SequenceNr, (StoredEvent)e.Event))
                .RunWith(Sink.Seq<(long SequenceNr, StoredEvent Event)>(), _materializer)
                .ConfigureAwait(false);
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private SqlReadJournal Journal()
    {
        lock (_gate)
        {
            // not in the constructor: what fails there fails for ever
            return _journal ??= PersistenceQuery.Get(_system).ReadJournalFor<SqlReadJournal>(StorePlugins.Query);
        }
    }

    private sealed class Provider : ExtensionIdProvider<LogReader>
    {
        public override LogReader CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
