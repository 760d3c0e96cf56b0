using System.Data.Common;
using ActorBroker.Stores;
using LinqToDB.Interceptors;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A database that can be made to stand still before the next command of a kind.</summary>
internal sealed class HeldStore : CommandInterceptor, IAppendObserver, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] ReadWords = ["SELECT", "journal", "sequence_number"];

    private volatile ManualResetEventSlim _open = new(true);
    private volatile TaskCompletionSource _reached = new();
    private volatile string[] _words = [];
    private int _inserts;
    private int _reads;

    /// <summary>Inserts into the journal so far.</summary>
    public int Inserts => Volatile.Read(ref _inserts);

    /// <summary>Reads of messages so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Commands that have all these words wait from now on; those that were held before go on.</summary>
    /// <returns>Completes when one does.</returns>
    public Task Hold(params string[] words)
    {
        _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = _open;
        _open = new ManualResetEventSlim(false);
        _words = words;
        before.Set();
        return _reached.Task.WaitAsync(Patience);
    }

    /// <summary>Writes to the journal wait from now on.</summary>
    public Task HoldWrites() => Hold("INSERT INTO", "journal");

    /// <summary>Reads of messages wait from now on.</summary>
    public Task HoldReads() => Hold(ReadWords);

    /// <summary>All go on.</summary>
    public void Release()
    {
        _words = [];
        _open.Set();
    }

    public void Dispose() => Release();

    public override DbCommand CommandInitialized(CommandEventData eventData, DbCommand command)
    {
        Before(command);
        return command;
    }

    public void Appending(DbCommand insert) => Before(insert);

    public void Appended()
    {
    }

    private void Before(DbCommand command)
    {
        var text = command.CommandText;
        if (text.Contains("INSERT INTO", StringComparison.OrdinalIgnoreCase) && text.Contains("journal", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _inserts);
        }

        if (ReadWords.All(w => text.Contains(w, StringComparison.OrdinalIgnoreCase)))
        {
            Interlocked.Increment(ref _reads);
        }

        var (words, open) = (_words, _open);
        if (words.Length > 0 && words.All(w => text.Contains(w, StringComparison.OrdinalIgnoreCase)))
        {
            _reached.TrySetResult();
            Assert.True(open.Wait(Patience), "the test has not released the store");
        }
    }
}
