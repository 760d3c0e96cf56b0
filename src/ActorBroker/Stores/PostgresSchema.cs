using System.Globalization;
using Npgsql;

namespace ActorBroker.Stores;

/// <summary>The tables in a PostgreSQL schema, and how to tell that they are ours.</summary>
internal static class PostgresSchema
{
    /// <summary>What this version writes; what it reads is this and everything older.</summary>
    public const int Version = 1;

    /// <summary>Creates what is missing; checks what is there. Tells the number of queue groups.</summary>
    /// <exception cref="IOException">The schema has tables of something else, or of a newer version.</exception>
    public static int CreateOrCheck(NpgsqlConnection connection, string schema, int queueGroups)
    {
        if (!Exists(connection, $"{schema}.store"))
        {
            if (Exists(connection, $"{schema}.journal") || Exists(connection, $"{schema}.snapshot"))
            {
                throw new IOException(
                    $"{StoreSettings.Path}.schema = {schema}: the database has tables of another program there. Set another schema.");
            }

            using var transaction = connection.BeginTransaction();
            Execute(connection, Tables(schema, Exists(connection, schema, "to_regnamespace"), queueGroups));
            transaction.Commit();
        }

        var version = Number(connection, $"SELECT value::int FROM {schema}.store WHERE name = 'format'");
        return version is < 1 or > Version
            ? throw new IOException(
                $"{StoreSettings.Path}.schema = {schema}: the tables have format {version}, and this broker knows formats up to {Version}: a newer "
                + "version wrote them. Use that version, or another schema.")
            : Number(connection, $"SELECT value::int FROM {schema}.store WHERE name = 'queue-groups'");
    }

    // as the persistence plugins know them, without the indexes that nothing of ours looks into. The trigger closes a gap: the key of
    // the journal stops a writer that is behind only while the rows it would write again are still there
    private static string Tables(string schema, bool exists, int queueGroups) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {(exists ? "" : $"CREATE SCHEMA {schema};")}
        CREATE TABLE {schema}.journal (
            ordering bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            created bigint NOT NULL,
            deleted boolean NOT NULL,
            persistence_id text NOT NULL,
            sequence_number bigint NOT NULL,
            message bytea NOT NULL,
            tags text,
            manifest text,
            identifier integer,
            writer_uuid text,
            CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number));
        ALTER TABLE {schema}.journal ALTER COLUMN message SET STORAGE EXTERNAL;
        CREATE TABLE {schema}.snapshot (
            persistence_id text NOT NULL,
            sequence_number bigint NOT NULL,
            created bigint NOT NULL,
            snapshot bytea,
            manifest text,
            serializer_id integer,
            PRIMARY KEY (persistence_id, sequence_number));
        CREATE TABLE {schema}.store (name text PRIMARY KEY, value text NOT NULL);
        INSERT INTO {schema}.store VALUES ('format', '{Version}'), ('queue-groups', '{queueGroups}');
        CREATE FUNCTION {schema}.journal_fence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM {schema}.journal
                WHERE persistence_id = NEW.persistence_id AND sequence_number >= NEW.sequence_number) THEN
                RAISE EXCEPTION 'log % has gone beyond event %: another broker writes it', NEW.persistence_id, NEW.sequence_number
                    USING ERRCODE = '23505';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER journal_fence BEFORE INSERT ON {schema}.journal FOR EACH ROW EXECUTE FUNCTION {schema}.journal_fence();
        """);

    private static bool Exists(NpgsqlConnection connection, string name, string function = "to_regclass")
    {
        using var command = new NpgsqlCommand($"SELECT {function}('{name}') IS NOT NULL", connection);
        return command.ExecuteScalar() is true;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static int Number(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() as int? ?? throw new IOException($"The store in the database is not complete: '{sql}' finds nothing");
    }
}
