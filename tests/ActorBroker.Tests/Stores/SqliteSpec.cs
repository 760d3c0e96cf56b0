using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Tests.Stores;

/// <summary>A data directory of the test's own, and actor systems over it.</summary>
public abstract class SqliteSpec : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];

    /// <summary>Exists, and is empty at first.</summary>
    protected string DataDirectory { get; } = Directory.CreateTempSubdirectory("actorbroker-store-").FullName;

    /// <summary>The database in it.</summary>
    protected string DatabaseFile => Path.Combine(DataDirectory, "actorbroker.db");

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await system.Terminate();
        }

        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>A broker's actor system over the directory.</summary>
    private protected ActorSystem Start(params IInterceptor[] observers) => Start("", observers);

    /// <summary>The same with settings of its own.</summary>
    private protected ActorSystem Start(string more, params IInterceptor[] observers)
    {
        var settings = $"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            actor-broker.data-dir = "{DataDirectory}"
            {more}
            """;
        var system = BrokerSystem.Create($"system-{_systems.Count}", ConfigurationFactory.ParseString(settings), observers);
        _systems.Add(system);
        return system;
    }

    /// <summary>Ends it in an orderly way; the store is closed afterwards.</summary>
    private protected async Task Stop(ActorSystem system)
    {
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));
        _systems.Remove(system);
    }

    /// <summary>Another program's connection.</summary>
    private protected SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Changes what is in the database, behind the broker's back.</summary>
    private protected void Change(string sql)
    {
        using var connection = Connect();
        Execute(connection, sql);
    }

    private protected static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
