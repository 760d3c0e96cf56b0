using Npgsql;

namespace ActorBroker.Tests.Stores;

[CollectionDefinition(PostgresCluster.Collection)]
public sealed class PostgresCollection : ICollectionFixture<PostgresCluster>;

/// <summary>Logs in PostgreSQL.</summary>
[Collection(PostgresCluster.Collection)]
public sealed class PostgresLogSpec(PostgresCluster cluster) : DurableLogSuite
{
    private readonly string _schema = PostgresCluster.NewSchema();

    protected override string Store => cluster.Store(_schema);

    protected override string Binary => "bytea";

    protected override void Change(string sql)
    {
        using var connection = new NpgsqlConnection($"{cluster.Server.ConnectionString};Search Path={_schema};Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
