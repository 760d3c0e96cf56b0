using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ActorBroker.Stores;

/// <summary>
/// The one thread on which a SQLite database is used. Since its driver never waits asynchronously, a transaction that begins here
/// also ends here, so that writes, reads and deletions never meet a lock of each other, and the journal has time to gather a batch.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    private readonly Queue<Action> _work = [];
    private readonly object _gate = new(); // a monitor: who waits for work sleeps, and does not spin before it
    private readonly Thread _thread;
    private bool _closed;

    public WriterThread(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>The caller runs on the thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Goes on on the thread.</summary>
    public Hop Enter() => new(this);

    /// <summary>Runs that on the thread, after what was handed to it before; on a thread of the pool when the database is closed. Throws nothing.</summary>
    public void Post(Action step)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _work.Enqueue(step);
                Monitor.Pulse(_gate);
                return;
            }
        }

        ThreadPool.QueueUserWorkItem(_ => step());
    }

    /// <summary>Ends after what was handed to it; whoever comes later gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (TryTake(out var step))
        {
            step();
        }
    }

    private bool TryTake([NotNullWhen(true)] out Action? step)
    {
        lock (_gate)
        {
            while (!_work.TryDequeue(out step))
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            return true;
        }
    }

    /// <summary>What <see cref="Enter"/> is awaited by.</summary>
    public readonly struct Hop(WriterThread writer) : INotifyCompletion
    {
        public bool IsCompleted => writer.IsCurrent;

        public Hop GetAwaiter() => this;

        public void OnCompleted(Action continuation) => writer.Post(continuation);

        /// <exception cref="ObjectDisposedException">The store is closed.</exception>
        public void GetResult() => ObjectDisposedException.ThrowIf(!IsCompleted, typeof(BrokerStore));
    }
}
