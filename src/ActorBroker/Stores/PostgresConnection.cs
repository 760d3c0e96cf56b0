using ActorBroker.Configuration;
using Akka.Configuration;
using Npgsql;

namespace ActorBroker.Stores;

/// <summary>What the broker adds to the connection string it was given; what is set there stays.</summary>
internal static class PostgresConnection
{
    // a broker that stands still must not hold its locks against the one that takes over, and a write has an end;
    // the server drops the locks of a machine that is gone after about eleven seconds
    private const string ServerSettings = "-c idle_in_transaction_session_timeout=3000 -c statement_timeout=15000 "
        + "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    /// <exception cref="ConfigurationException">It is not a connection string of PostgreSQL.</exception>
    public static string StringOf(StoreSettings settings)
    {
        try
        {
            var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
            var all = new NpgsqlConnectionStringBuilder
            {
                ApplicationName = $"actorbroker {Environment.MachineName} {Environment.ProcessId}",
                MaxAutoPrepare = 20,
                AutoPrepareMinUsages = 2,
                MaxPoolSize = 20,
                KeepAlive = 10,
                Timeout = 5,
                CommandTimeout = 20,
                Options = ServerSettings,
            };
            foreach (var key in own.Keys)
            {
                all[key] = own[key];
            }

            return all.ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException)
        {
            throw new ConfigurationException(
                $"{StoreSettings.Path}.connection-string: must be like Host=127.0.0.1;Database=broker;Username=broker;Password=… ({e.Message})");
        }
    }

    /// <summary>Where it is, without secrets.</summary>
    public static string Describe(StoreSettings settings) => $"{BrokerSettings.Path}.store: {Place(settings)},";

    /// <summary>The same without the setting's name.</summary>
    public static string Place(StoreSettings settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        return $"the PostgreSQL database {builder.Database} at {builder.Host}:{builder.Port}, schema {settings.Schema}";
    }
}
