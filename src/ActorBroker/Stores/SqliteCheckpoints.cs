using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>
/// Takes what is in the write-ahead log over into the database on a thread of its own, while the writer goes on: on the writer's, 64 MiB of it
/// would hold every confirm up for a tenth of a second. Only the little that came meanwhile is left to the writer, since the log begins
/// anew at its start only when all of it is taken over.
/// </summary>
/// <param name="name">Of the database.</param>
/// <param name="writer">The writer's thread.</param>
/// <param name="open">Opens a connection.</param>
/// <param name="writers">Another one, used on the writer's thread.</param>
/// <param name="pages">In the log before it is taken over. Above four times as many, SQLite does it within the commit.</param>
internal sealed class SqliteCheckpoints(string name, WriterThread writer, Func<SqliteConnection> open, SqliteConnection writers, int pages) : IDisposable
{
    private const int Few = 64; // pages: some milliseconds
    private const int Passes = 4;

    private readonly WriterThread _thread = new($"checkpoints {name}");
    private SqliteConnection? _connection;
    private int _written;
    private bool _isRunning;
    private volatile bool _isClosed;

    /// <summary>So many pages went into the log, about. On the writer's thread.</summary>
    public void Written(int count)
    {
        _written += count;
        if (_written >= pages && !_isRunning && !_isClosed)
        {
            (_written, _isRunning) = (0, true);
            _thread.Post(TakeOver);
        }
    }

    /// <summary>Waits for what is under way. The writer's thread may have ended.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _thread.Dispose();
        _connection?.Dispose();
    }

    private void TakeOver()
    {
        if (_isClosed)
        {
            return;
        }

        try
        {
            _connection ??= open();
            for (var pass = 0; pass < Passes && Left(_connection) > Few; pass++)
            {
                // the writer is faster than one pass: each of them finds less
            }
        }
        catch (SqliteException)
        {
            // a full disk, for example: the log grows, SQLite tries again within a commit, and the disk's watermark tells the operator
        }

        writer.Post(Finish);
    }

    private void Finish()
    {
        try
        {
            Left(writers);
        }
        catch (SqliteException)
        {
            // as above
        }
        catch (InvalidOperationException)
        {
            // the store is closed, and the log is taken over with that
        }

        _isRunning = false;
    }

    /// <summary>Takes over what is in the log now; tells how many pages have come meanwhile.</summary>
    private static long Left(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var row = command.ExecuteReader();
        return row.Read() ? row.GetInt64(1) - row.GetInt64(2) : 0;
    }
}
