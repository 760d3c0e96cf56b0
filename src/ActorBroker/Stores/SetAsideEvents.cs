using LinqToDB.Data;

namespace ActorBroker.Stores;

/// <summary>
/// The table <c>set_aside</c> beside the journal: a copy of each event that was found damaged, with what is wrong with it. Nothing reads it
/// but people; backups have it, too.
/// </summary>
internal static class SetAsideEvents
{
    /// <summary>Its name.</summary>
    public const string Table = "set_aside";

    /// <summary>Copies these events there; those that are there already stay as they are.</summary>
    /// <param name="store">The store.</param>
    /// <param name="log">Name of the log.</param>
    /// <param name="events">The events.</param>
    /// <exception cref="Exception">The store does not answer, whatever its driver says.</exception>
    public static async Task KeepAsync(BrokerStore store, string log, IReadOnlyList<DamagedEvent> events)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var isPostgres = store.Settings.Kind == StoreKind.PostgreSql;
        var (schema, bytes) = isPostgres ? ($"{store.Settings.Schema}.", "bytea") : ("", "blob");
        var connection = new DataConnection(store.Options);
        await using (connection.ConfigureAwait(false))
        {
            await connection.ExecuteAsync($"""
                CREATE TABLE IF NOT EXISTS {schema}{Table} (
                    persistence_id text NOT NULL,
                    sequence_number bigint NOT NULL,
                    created bigint NOT NULL,
                    manifest text,
                    message {bytes} NOT NULL,
                    problem text NOT NULL,
                    PRIMARY KEY (persistence_id, sequence_number))
                """).ConfigureAwait(false);
            foreach (var (sequenceNr, problem) in events)
            {
                await connection.ExecuteAsync(
                    $"""
                    INSERT INTO {schema}{Table} SELECT persistence_id, sequence_number, created, manifest, message, @problem FROM {schema}journal
                    WHERE persistence_id = @log AND sequence_number = @number ON CONFLICT DO NOTHING
                    """,
                    DataParameter.Text("problem", problem),
                    DataParameter.Text("log", log),
                    DataParameter.Int64("number", sequenceNr)).ConfigureAwait(false);
            }
        }
    }
}
