using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>Copies the SQLite store of a data directory out and in.</summary>
internal static class SqliteBackup
{
    private const string Partial = ".partial";

    /// <summary>
    /// Writes one file with everything that was committed when it began, whether or not a broker runs on the directory; that goes on
    /// meanwhile. The file is complete, checked and on the disk when this returns. Returns its size in bytes.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="file">Must not exist.</param>
    /// <exception cref="IOException">There is no store, the file exists or cannot be written, or the copy is damaged.</exception>
    public static long Create(string directory, string file)
    {
        var database = Path.Combine(directory, SqliteDatabase.FileName);
        if (!File.Exists(database))
        {
            throw new IOException($"{directory} has no {SqliteDatabase.FileName}: nothing to back up");
        }

        if (File.Exists(file))
        {
            throw new IOException($"{file} exists: a backup never replaces a file");
        }

        var partial = file + Partial;
        File.Delete(partial);
        try
        {
            Use(database, SqliteOpenMode.ReadWrite, connection =>
            {
                SqliteFormat.Check(connection);
                Disk.CreateFile(partial);
                using var command = connection.CreateCommand();
                command.CommandText = "VACUUM INTO $file";
                command.CommandTimeout = 0;
                command.Parameters.AddWithValue("$file", partial);
                command.ExecuteNonQuery();
            });
            CheckWhole(partial);
            Disk.Move(partial, file, overwrite: false);
            return new FileInfo(file).Length;
        }
        finally
        {
            DeleteAll(partial);
        }
    }

    /// <summary>Puts a backup into a data directory that no broker uses. Either all of it is there afterwards, or what was there before.</summary>
    /// <param name="file">What <see cref="Create"/> has written; it stays as it is.</param>
    /// <param name="directory">The data directory; created when it is missing.</param>
    /// <param name="force">Replaces the database that is there.</param>
    /// <exception cref="IOException">A broker uses the directory, there is a database, or the file is not a whole backup.</exception>
    public static void Restore(string file, string directory, bool force)
    {
        if (!File.Exists(file))
        {
            throw new IOException($"{file}: no such file");
        }

        using var directoryLock = DirectoryLock.Take(directory);
        var database = Path.Combine(directory, SqliteDatabase.FileName);
        if (File.Exists(database) && !force)
        {
            throw new IOException($"{directory} has a database: --force replaces it, and what is in it is lost");
        }

        var partial = database + Partial;
        try
        {
            DeleteAll(partial);
            Copy(file, partial);
            CheckWhole(partial);
            ForgetLog(database);
            File.Delete(Path.Combine(directory, StoreMark.FileName)); // it is about the old one; a broker makes that of the new one
            Disk.Move(partial, database, overwrite: force);
        }
        finally
        {
            DeleteAll(partial);
        }
    }

    private static void CheckWhole(string file) => Use(file, SqliteOpenMode.ReadWrite, connection =>
    {
        SqliteFormat.Check(connection);
        SqliteFormat.CheckIntegrity(connection);
        SqliteFormat.Execute(connection, "PRAGMA journal_mode = DELETE"); // one file, until a broker opens it
    });

    /// <summary>
    /// The write-ahead log of the old database would be played into the new one. It is taken over into the old one, which is whole
    /// until the new one takes its place; from a damaged one there is nothing to take over.
    /// </summary>
    private static void ForgetLog(string database)
    {
        if (File.Exists(database))
        {
            try
            {
                Use(database, SqliteOpenMode.ReadWrite, connection => SqliteFormat.Execute(connection, "PRAGMA journal_mode = DELETE"));
            }
            catch (IOException)
            {
                // damaged: that may be why it is replaced
            }
        }

        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
        File.Delete(database + "-journal");
        Disk.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(database))!);
    }

    /// <summary>Others may be able to read the backup; what is made of it is for its owner only, from its first byte.</summary>
    private static void Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var target = Disk.OpenOwn(to, FileMode.CreateNew);
        source.CopyTo(target);
    }

    private static void DeleteAll(string database)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" })
        {
            File.Delete(database + suffix);
        }
    }

    private static void Use(string database, SqliteOpenMode mode, Action<SqliteConnection> use)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = database, Mode = mode, Pooling = false, DefaultTimeout = 30 };
        using var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            use(connection);
        }
        catch (SqliteException e)
        {
            throw new IOException($"{database} cannot be used: {e.Message}", e);
        }
    }
}
