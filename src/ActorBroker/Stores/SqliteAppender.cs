using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>
/// Appends events to the table <c>journal</c> as Akka.Persistence.Sql would: the same rows, by statements that are prepared once, on the
/// thread of the database without a hop between. What several logs write meanwhile is one transaction.
/// </summary>
/// <param name="writer">The thread of the database.</param>
/// <param name="open">Opens a connection that is set up for writing; on that thread.</param>
/// <param name="written">Hears how many bytes of events each transaction had; on that thread.</param>
internal sealed class SqliteAppender(WriterThread writer, Func<SqliteConnection> open, Action<long> written) : IDisposable
{
    private const string Insert = """
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
        VALUES ($created, 0, $log, $number, $message, '', $manifest, $serializer, $writer)
        """;

    private const int Busy = 5; // of SQLite
    private const int Locked = 6;
    private const int IoError = 10;

    private static readonly Task<IImmutableList<Exception>> Closed =
        Task.FromException<IImmutableList<Exception>>(new ObjectDisposedException(nameof(BrokerStore)));

    private readonly Lock _lock = new();
    private readonly string _id = $"{Guid.NewGuid():N}"; // as the library has one for each of its journals
    private List<Write> _waiting = [];
    private List<Write> _taken = [];
    private Statements? _statements;
    private bool _isClosed;

    /// <summary>See every write. Set before the first one.</summary>
    public IReadOnlyList<IAppendObserver> Observers { get; set; } = [];

    /// <summary>Appends events to a log: all of them or none. Any thread.</summary>
    /// <param name="log">Name of the log.</param>
    /// <param name="events">At least one; numbers ascending.</param>
    /// <param name="created">Ticks of the time, UTC.</param>
    /// <returns>Completes with null when they are committed and synced; fails with what the database says.</returns>
    public Task<IImmutableList<Exception>> Append(string log, IReadOnlyList<(long SequenceNr, StoredEvent Event)> events, long created)
    {
        var write = new Write(log, events, created);
        bool isFirst;
        lock (_lock)
        {
            if (_isClosed)
            {
                return Closed;
            }

            isFirst = _waiting.Count == 0;
            _waiting.Add(write);
        }

        if (isFirst)
        {
            writer.Post(Run);
        }

        return write.Done.Task;
    }

    /// <summary>Closes the connection; what comes later fails. On the thread of the database, or when that has ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Refuse();
        _statements?.Dispose();
        _statements = null;
    }

    private void Run()
    {
        if (!writer.IsCurrent)
        {
            Refuse(); // the thread has ended: the store is being closed
            return;
        }

        lock (_lock)
        {
            (_waiting, _taken) = (_taken, _waiting);
        }

        try
        {
            if (!TryCommit(_taken, out var fault))
            {
                if (_taken.Count > 1 && !IsEverybodys(fault))
                {
                    Separately(); // one log's trouble is not another's
                }
                else
                {
                    _taken.ForEach(write => write.Done.SetException(fault));
                }
            }
        }
        finally
        {
            _taken.Clear();
        }
    }

    private void Refuse()
    {
        lock (_lock)
        {
            _waiting.ForEach(write => write.Done.TrySetException(new ObjectDisposedException(nameof(BrokerStore))));
            _waiting.Clear();
        }
    }

    /// <summary>Who waited for a lock, or for a broken disk, would do it once more for each log, and all others with him.</summary>
    private static bool IsEverybodys(Exception fault) => fault is SqliteException { SqliteErrorCode: Busy or Locked or IoError };

    private void Separately()
    {
        foreach (var write in _taken)
        {
            if (!TryCommit([write], out var fault))
            {
                write.Done.SetException(fault);
            }
        }
    }

    /// <summary>All of these in one transaction. When it is over, they hear it.</summary>
    private bool TryCommit(List<Write> writes, [NotNullWhen(false)] out Exception? fault)
    {
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(BrokerStore));
            _statements ??= new Statements(open(), _id);
            _statements.Begin();
            foreach (var write in writes)
            {
                _statements.Insert(write, Observers);
            }

            _statements.Commit();
        }
        catch (Exception e)
        {
            fault = e;
            if (_statements?.TryRollBack() == false)
            {
                _statements.Dispose(); // whatever state it is in: the next write has a new connection
                _statements = null;
            }

            return false;
        }

        var bytes = 0L;
        foreach (var write in writes)
        {
            bytes += write.Bytes;
            write.Committed(Observers);
        }

        written(bytes);
        fault = null;
        return true;
    }

    /// <summary>What one log appends.</summary>
    private sealed record Write(string Log, IReadOnlyList<(long SequenceNr, StoredEvent Event)> Events, long Created)
    {
        public long Bytes
        {
            get
            {
                var bytes = 0L;
                foreach (var (_, stored) in Events)
                {
                    bytes += stored.Bytes.Length;
                }

                return bytes;
            }
        }

        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Committed(IReadOnlyList<IAppendObserver> observers)
        {
            try
            {
                foreach (var observer in observers)
                {
                    observer.Appended();
                }

                Done.SetResult(null!); // as the library says that all is well
            }
            catch (Exception e)
            {
                Done.SetException(e);
            }
        }
    }

    /// <summary>A connection and what is prepared on it.</summary>
    private sealed class Statements : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _begin;
        private readonly SqliteCommand _insert;
        private readonly SqliteCommand _commit;
        private readonly SqliteCommand _rollBack;
        private readonly SqliteParameter _created;
        private readonly SqliteParameter _log;
        private readonly SqliteParameter _number;
        private readonly SqliteParameter _message;
        private readonly SqliteParameter _manifest;

        public Statements(SqliteConnection connection, string id)
        {
            _connection = connection;
            _begin = Command("BEGIN IMMEDIATE");
            _commit = Command("COMMIT");
            _rollBack = Command("ROLLBACK");
            _insert = Command(SqliteAppender.Insert);
            _created = _insert.Parameters.Add("$created", SqliteType.Integer);
            _log = _insert.Parameters.Add("$log", SqliteType.Text);
            _number = _insert.Parameters.Add("$number", SqliteType.Integer);
            _message = _insert.Parameters.Add("$message", SqliteType.Blob);
            _manifest = _insert.Parameters.Add("$manifest", SqliteType.Text);
            _insert.Parameters.AddWithValue("$serializer", StoredEventSerializer.Id);
            _insert.Parameters.AddWithValue("$writer", id);
        }

        public void Begin()
        {
            _begin.ExecuteNonQuery();
        }

        public void Insert(Write write, IReadOnlyList<IAppendObserver> observers)
        {
            _created.Value = write.Created;
            _log.Value = write.Log;
            foreach (var (sequenceNr, stored) in write.Events)
            {
                _number.Value = sequenceNr;
                _message.Value = stored.Bytes;
                _manifest.Value = stored.Manifest;
                foreach (var observer in observers)
                {
                    observer.Appending(_insert);
                }

                observers = []; // once for each write
                _insert.ExecuteNonQuery();
            }

            _message.Value = DBNull.Value; // keeps nothing alive
        }

        public void Commit()
        {
            _commit.ExecuteNonQuery();
        }

        /// <returns>False when the connection cannot be used any more.</returns>
        public bool TryRollBack()
        {
            try
            {
                if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0) // else there is none, or SQLite has done it
                {
                    _rollBack.ExecuteNonQuery();
                }

                return true;
            }
            catch (Exception)
            {
                return false; // whatever is wrong with it, another one is opened
            }
        }

        public void Dispose()
        {
            foreach (var command in new[] { _begin, _insert, _commit, _rollBack })
            {
                command.Dispose();
            }

            SqliteConnection.ClearPool(_connection); // nobody gets it as it is
            _connection.Dispose();
        }

        private SqliteCommand Command(string sql)
        {
            var command = _connection.CreateCommand();
            command.CommandText = sql;
            return command;
        }
    }
}
