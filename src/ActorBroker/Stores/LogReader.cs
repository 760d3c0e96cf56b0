using Akka.Actor;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal.Types;
using LinqToDB;
using LinqToDB.Async;

namespace ActorBroker.Stores;

/// <summary>Reads events back that a log has written; any thread.</summary>
internal sealed class LogReader : IExtension
{
    private readonly AkkaPersistenceDataConnectionFactory _connections;
    private readonly SemaphoreSlim _atOnce = new(8); // each may hold some megabytes

    private LogReader(ExtendedActorSystem system) => _connections = new AkkaPersistenceDataConnectionFactory(
        StoreJournal.ConfigOf(system, system.Settings.Config.GetConfig(StorePlugins.Journal)));

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

        // what asks and what reads is work for other threads than an actor's
        await _atOnce.WaitAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var connection = _connections.GetConnection();
            await using (connection.ConfigureAwait(false))
            {
                var rows = await connection.GetTable<JournalRow>()
                    .Where(r => r.PersistenceId == persistenceId && r.SequenceNumber >= from && r.SequenceNumber <= to && !r.Deleted)
                    .OrderBy(r => r.SequenceNumber)
                    .Select(r => new { r.SequenceNumber, r.Manifest, r.Message })
                    .ToListAsync().ConfigureAwait(false);
                return [.. rows.Select(r => (r.SequenceNumber, new StoredEvent(r.Manifest, r.Message)))]; // as the serializer left them
            }
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private sealed class Provider : ExtensionIdProvider<LogReader>
    {
        public override LogReader CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
