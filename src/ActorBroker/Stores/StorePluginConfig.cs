using Akka.Configuration;

namespace ActorBroker.Stores;

/// <summary>
/// How the plugins of Akka.Persistence.Sql are run. None of it is a setting of the broker: each value is needed for writes to be
/// safe, or for one log's trouble not to become everybody's.
/// </summary>
internal static class StorePluginConfig
{
    /// <summary>For the store that the settings name.</summary>
    public static Config Of(StoreSettings settings) => Of(settings.Kind == StoreKind.PostgreSql
        ? PostgresDatabase.PluginSettings(settings.Schema)
        : SqliteDatabase.PluginSettings);

    private static Config Of(string database) => ConfigurationFactory.ParseString($$"""
        {{StorePlugins.Journal}} {
          class = "{{typeof(StoreJournal).FullName}}, ActorBroker"
          plugin-id = "{{StorePlugins.Journal}}"
          plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
          materializer-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher" # a write holds its thread until it is synced
          {{Common(database)}}
          delete-compatibility-mode = false # what is left of the last deleted event keeps the highest number
          buffer-size = 100000
          batch-size = 1000
          db-round-trip-max-batch-size = 1000
          prefer-parameters-on-multirow-insert = true
          replay-batch-size = 64 # rows; all of them are in memory at once
          tag-write-mode = Csv
          replay-filter.mode = off # it drops events of a log that moved away and back; the key of the table fences
          {{Breaker}}
        }
        {{StorePlugins.Snapshots}} {
          class = "{{typeof(StoreSnapshots).FullName}}, ActorBroker"
          plugin-id = "{{StorePlugins.Snapshots}}"
          plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
          {{Common(database)}}
          snapshot-is-optional = false # the events below it are deleted
          {{Breaker}}
        }
        akka.actor {
          serializers.actorbroker-stored-event = "{{typeof(StoredEventSerializer).FullName}}, ActorBroker"
          serialization-bindings { "{{typeof(StoredEvent).FullName}}, ActorBroker" = actorbroker-stored-event }
        }
        """);

    /// <summary>The connection itself comes as an object; a plugin without one would create a database of its own somewhere.</summary>
    private static string Common(string database) => $"""
        connection-string = "set by the broker"
        auto-initialize = false
        use-clone-connection = true
        table-mapping = default
        {database}
        """;

    /// <summary>
    /// Never open: an open breaker would keep healthy logs from writing for as long as it likes. The logs have a back-off of their own.
    /// </summary>
    private const string Breaker = """
        circuit-breaker {
          max-failures = 1000000
          call-timeout = 30s
          reset-timeout = 1s
        }
        """;
}
