using System.Diagnostics;
using Akka.Actor;

namespace ActorBroker.Scheduling;

/// <summary>A thread that sleeps for moments: waits of a thread are exact to a tenth of a millisecond. It runs from the first one on.</summary>
internal sealed class MomentThread(string name) : IMoments, IDisposable
{
    private readonly object _lock = new();
    private readonly PriorityQueue<(IActorRef Receiver, object Message), long> _moments = new();
    private Thread? _thread;
    private bool _hasEnded;

    /// <inheritdoc/>
    public void TellAfter(TimeSpan moment, IActorRef receiver, object message)
    {
        var due = Stopwatch.GetTimestamp() + (long)(moment.TotalSeconds * Stopwatch.Frequency);
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = name };
                _thread.Start();
            }

            var isFirst = !_moments.TryPeek(out _, out var first) || due < first;
            _moments.Enqueue((receiver, message), due);
            if (isFirst)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <inheritdoc/>
    public void TellIn(TimeSpan time, IActorRef receiver, object message) => TellAfter(time, receiver, message);

    /// <summary>The thread ends; moments that were asked for never come.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _hasEnded = true;
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        while (TryTake(out var moment))
        {
            moment.Receiver.Tell(moment.Message, ActorRefs.NoSender);
        }
    }

    /// <summary>Waits for the next one that is over.</summary>
    private bool TryTake(out (IActorRef Receiver, object Message) moment)
    {
        lock (_lock)
        {
            while (!_hasEnded)
            {
                if (!_moments.TryPeek(out moment, out var due))
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                var left = due - Stopwatch.GetTimestamp();
                if (left <= 0)
                {
                    _moments.Dequeue();
                    return true;
                }

                Monitor.Wait(_lock, TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000d / Stopwatch.Frequency)));
            }

            moment = default;
            return false;
        }
    }
}
