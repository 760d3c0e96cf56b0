using System.Data.Common;
using System.Runtime.CompilerServices;
using ActorBroker.Stores;
using ActorBroker.TestKit.Time;
using LinqToDB.Interceptors;

namespace ActorBroker.TestKit.Faults;

/// <summary>What a test does to the store of a journaled broker. Writes are transactions of its journal, for messages and for declarations.</summary>
/// <remarks>A store that fails blocks publishers and is tried again after 200 ms of virtual time, then 400 ms and so on up to 10 s.</remarks>
public sealed class StoreFaults : CommandInterceptor, IStoreWatcher, IAppendObserver
{
    private readonly ConditionalWeakTable<object, object> _seen = []; // connections that have begun to write
    private readonly Lock _lock = new();
    private readonly Activity _activity;
    private ManualResetEventSlim? _hold;
    private int _parked;
    private int _failFrom;
    private int _failCount; // still to fail
    private int _writes;
    private bool _isDead;
    private bool _isDown;

    internal StoreFaults(Activity activity)
    {
        _activity = activity;
        Observers = [this, new Ends(this)];
    }

    /// <summary>Writes to the journal since the broker was first started.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Writes that were made to fail.</summary>
    public int Failed { get; private set; }

    internal IInterceptor[] Observers { get; }

    /// <summary>What it does that holds others up, and what ends it; null for nothing.</summary>
    internal string? Obstacle
    {
        get
        {
            lock (_lock)
            {
                return _hold is not null ? "writes to the journal are held, until Broker.Store.Release()"
                    : Volatile.Read(ref _isDown) ? "the store is down, until Broker.Store.Up()"
                    : _failCount > 0 ? $"{_failCount} writes to the journal still fail"
                    : null;
            }
        }
    }

    /// <summary>Some of the next writes fail: nothing of them is committed.</summary>
    /// <param name="from">The first that fails, counted from now; 1 is the next one.</param>
    /// <param name="count">How many in a row, 1 or more.</param>
    public void FailWrites(int from = 1, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_lock)
        {
            (_failFrom, _failCount) = (from, count);
        }
    }

    /// <summary>Every command fails from now on, also reads, until <see cref="Up"/>: the database is down.</summary>
    public void Down() => Volatile.Write(ref _isDown, true);

    /// <summary>The database is there again.</summary>
    public void Up() => Volatile.Write(ref _isDown, false);

    /// <summary>
    /// Writes wait from now on until <see cref="Release"/>, and publishers with them. Time may be moved meanwhile: after 5 s the broker
    /// says that its store does not answer, and blocks publishers.
    /// </summary>
    public void HoldWrites()
    {
        lock (_lock)
        {
            _hold ??= new ManualResetEventSlim();
        }

        _activity.RestsWhile(IsParked);
    }

    /// <summary>Writes go on.</summary>
    public void Release()
    {
        ManualResetEventSlim? hold;
        lock (_lock)
        {
            hold = _hold;
            _hold = null;
        }

        _activity.Forget(IsParked);
        hold?.Set();
    }

    /// <inheritdoc/>
    public override DbCommand CommandInitialized(CommandEventData eventData, DbCommand command)
    {
        ThrowIfDown();
        if (command.CommandText.Contains("INSERT INTO", StringComparison.OrdinalIgnoreCase)
            && command.CommandText.Contains("journal", StringComparison.Ordinal)
            && eventData.DataConnection is { } connection
            && _seen.TryAdd(connection, this))
        {
            Write();
        }

        return command;
    }

    void IAppendObserver.Appending(DbCommand insert)
    {
        ThrowIfDown();
        Write();
    }

    void IAppendObserver.Appended()
    {
    }

    void IStoreWatcher.Asked() => _activity.Asked();

    void IStoreWatcher.Answered() => _activity.Answered();

    /// <summary>The process is gone: what is not committed never will be.</summary>
    internal void Die()
    {
        Volatile.Write(ref _isDead, true);
        Release();
    }

    /// <summary>A new process.</summary>
    internal void Revive()
    {
        Volatile.Write(ref _isDead, false);
        Volatile.Write(ref _isDown, false);
    }

    private void ThrowIfDown()
    {
        if (Volatile.Read(ref _isDead) || Volatile.Read(ref _isDown))
        {
            throw new InjectedFaultException("the store is down");
        }
    }

    private void Write()
    {
        ManualResetEventSlim? hold;
        bool fails;
        lock (_lock)
        {
            _writes++;
            _failFrom--;
            fails = _failFrom <= 0 && _failCount > 0;
            if (fails)
            {
                _failCount--;
                Failed++;
            }

            hold = _hold;
        }

        if (hold is not null)
        {
            Interlocked.Increment(ref _parked);
            _activity.Changed();
            hold.Wait();
            Interlocked.Decrement(ref _parked);
        }

        if (fails || Volatile.Read(ref _isDead))
        {
            throw new InjectedFaultException("a write to the journal");
        }
    }

    private bool IsParked() => Volatile.Read(ref _parked) > 0;

    /// <summary>A connection that is closed and used again writes anew.</summary>
    private sealed class Ends(StoreFaults faults) : DataContextInterceptor
    {
        public override void OnClosed(DataContextEventData eventData) => faults._seen.Remove(eventData.Context);

        public override Task OnClosedAsync(DataContextEventData eventData)
        {
            faults._seen.Remove(eventData.Context);
            return Task.CompletedTask;
        }
    }
}
